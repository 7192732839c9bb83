#!/bin/sh
# Copies React with its types, a maker of QR codes, and pdf.js, from where Debian installs them into web/node_modules. Copies and not links: esbuild and
# deno resolve a module's own imports from its real path, and /usr/share/nodejs is no node_modules folder.
set -eu
cd "$(dirname "$0")"
from=${ONEFIN_NODE_MODULES:-/usr/share/nodejs}
for name in react react-dom scheduler loose-envify js-tokens @types/react @types/react-dom @types/scheduler @types/prop-types csstype qrcode-generator; do
  [ -d "$from/$name" ] || continue
  cmp -s "$from/$name/package.json" "node_modules/$name/package.json" && continue
  # Aside first: a copy that was cut short must not look like a whole one next time.
  rm -rf "node_modules/.new"
  mkdir -p "node_modules/.new" "node_modules/$(dirname "$name")"
  cp -rL "$from/$name" "node_modules/.new/copy"
  rm -rf "node_modules/$name"
  mv "node_modules/.new/copy" "node_modules/$name"
done
# pdf.js comes without a package.json, and of its folder only two files are wanted.
pdf=node_modules/pdfjs-dist
if [ -f "$from/pdfjs-dist/build/pdf.js" ] && ! cmp -s "$from/pdfjs-dist/build/pdf.js" "$pdf/build/pdf.js"; then
  rm -rf "$pdf" node_modules/.new
  mkdir -p node_modules/.new/build
  cp -L "$from/pdfjs-dist/build/pdf.js" "$from/pdfjs-dist/build/pdf.worker.js" node_modules/.new/build/
  echo '{"name": "pdfjs-dist", "version": "2.14.305", "main": "build/pdf.js"}' > node_modules/.new/package.json
  mv node_modules/.new "$pdf"
fi
rm -rf "node_modules/.new"
[ -f "$pdf/build/pdf.worker.js" ] || { echo "web: pdf.js is missing; apt-get install libjs-pdf" >&2; exit 1; }
[ -f node_modules/qrcode-generator/qrcode.js ] || { echo "web: qrcode-generator is missing; apt-get install node-qrcode-generator" >&2; exit 1; }
[ -f node_modules/react/package.json ] || { echo "web: React is missing; apt-get install node-react node-react-dom" >&2; exit 1; }
