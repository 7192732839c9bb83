#!/bin/sh
# Bundles the pages into web/dist: hashed names, index.html that names them, everything precompressed. Takes about a second.
# Needs esbuild on PATH and React where Debian puts it (or ONEFIN_NODE_MODULES).
set -eu
cd "$(dirname "$0")"
sh ./modules.sh
out=dist.new
rm -rf "$out"
mkdir -p "$out/assets"

name() { basename "$(ls "$out"/assets/"$1"-*."$2")"; }
# What draws PDFs does the work beside the page, in a worker of its own.
esbuild node_modules/pdfjs-dist/build/pdf.worker.js --minify --target=es2022 --legal-comments=none --log-level=error \
  --entry-names='pdfworker-[hash]' --outdir="$out/assets"
worker=$(name pdfworker js)

# pdf.js asks for modules of Node.js where it runs in that; in a browser it never comes to it.
esbuild src/main.tsx --bundle --splitting --format=esm --target=es2022 --jsx=automatic --minify \
  --define:process.env.NODE_ENV='"production"' --define:PDF_WORKER="\"/assets/$worker\"" \
  --external:canvas --external:fs --external:http --external:https --external:url --external:zlib --legal-comments=none --log-level=warning \
  --entry-names='[name]-[hash]' --chunk-names='[name]-[hash]' --outdir="$out/assets"
esbuild src/boot.js --minify --target=es2022 --log-level=warning --entry-names='[name]-[hash]' --outdir="$out/assets"
esbuild styles/app.css --bundle --minify --target=es2022 --log-level=warning --entry-names='[name]-[hash]' --outdir="$out/assets"
sum=$(sha256sum styles/icon.svg | cut -c1-8)
cp styles/icon.svg "$out/assets/icon-$sum.svg"

main=$(name main js) boot=$(name boot js) css=$(name app css)
sed -e "s|/icon-192|/assets/icon-$sum|" manifest.webmanifest > "$out/manifest.webmanifest"
# The sprite stands in the page itself: no second request before the first icon, and no external reference to allow.
awk -v main="$main" -v boot="$boot" -v css="$css" -v icon="icon-$sum.svg" '
  /<!-- icons -->/ { while ((getline line < "styles/icons.svg") > 0) printf "%s", line; print ""; next }
  { gsub("/assets/main.js", "/assets/" main); gsub("/assets/boot.js", "/assets/" boot)
    gsub("/assets/app.css", "/assets/" css); gsub("/assets/icon.svg", "/assets/" icon); print }
' index.html > "$out/index.html"
find "$out" -type f ! -name '*.gz' -size +512c -exec gzip -9 -k -n {} +
rm -rf dist
mv "$out" dist

first=$(cat dist/index.html.gz "dist/assets/$main.gz" "dist/assets/$css.gz" | wc -c)
for chunk in $(grep -o '"\./[^"]*\.js"' "dist/assets/$main" | tr -d '"' | sort -u); do
  # Static imports of the first bundle count; what is imported on demand doesn't.
  if grep -q "from\"$chunk\"\|import\"$chunk\"" "dist/assets/$main"; then
    first=$((first + $(gzip -9 -c "dist/assets/${chunk#./}" | wc -c)))
  fi
done
echo "web: $((first / 1024)) KB gzip to first paint (150 allowed)"
[ "$first" -le 153600 ] || { echo "web: too large" >&2; exit 1; }
