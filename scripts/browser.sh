#!/usr/bin/env bash
# The report's tests click through it in a headless browser. Installs Debian's chromium if it is missing and we may.
set -euo pipefail
present() { command -v chromium >/dev/null && command -v chromedriver >/dev/null; }
install="apt-get update && apt-get install -y chromium chromium-driver"

present && exit 0
if [[ $(id -u) -eq 0 ]] && command -v apt-get >/dev/null; then
  echo "installing chromium and chromium-driver" >&2
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >/dev/null && apt-get install -y -qq --no-install-recommends chromium chromium-driver >/dev/null || true
  present && exit 0
fi
echo "the tests need chromium and chromedriver; as root type: $install" >&2
exit 1
