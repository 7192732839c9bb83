#ifndef ONEFIN_CSODIUM_SHIM_H
#define ONEFIN_CSODIUM_SHIM_H

#include <sodium.h>

#endif
