// libxlsxwriter writes Excel workbooks.
#include <xlsxwriter.h>
