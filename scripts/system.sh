#!/usr/bin/env bash
# Tests click through the report in a headless browser and compile report.tex. Installs what is missing of Debian's
# chromium and LaTeX (50 MB to download, 150 MB on disk) if we may.
set -euo pipefail
packages="chromium chromium-driver texlive-latex-recommended"
present() {
  command -v chromium >/dev/null && command -v chromedriver >/dev/null && kpsewhich booktabs.sty >/dev/null 2>&1
}
install="apt-get update && apt-get install -y --no-install-recommends $packages"

present && exit 0
if [[ $(id -u) -eq 0 ]] && command -v apt-get >/dev/null; then
  echo "installing $packages" >&2
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086
  apt-get update -qq >/dev/null && apt-get install -y -qq --no-install-recommends $packages >/dev/null || true
  present && exit 0
fi
echo "the tests need chromium, chromedriver and pdflatex with booktabs; as root type: $install" >&2
exit 1
