#!/bin/sh
# Usage: system_packages.sh python|firmware|tests
# Sees that what lies outside the virtual environment is there: a Python that can make one, what builds the
# sensor's firmware, and for the tests also a broker, a browser and what runs the firmware. On Debian, as root or
# with a sudo that asks nothing, installs what is missing; elsewhere says exactly what to install, and stops.
set -eu

: "${PYTHON:=python3}" "${WITHOUT_SYSTEM:=}" "${CI:=}"
policy=/usr/sbin/policy-rc.d
# Debian keeps servers out of an ordinary user's PATH.
PATH=$PATH:/usr/sbin:/sbin

say() { printf 'crampwatch: %s\n' "$*" >&2; }
has() { command -v "$1" >/dev/null 2>&1; }

can_make_venv() { has uv || "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; }

missing_for_python() {
    has "$PYTHON" || echo python3
    { has "$PYTHON" && can_make_venv; } || echo python3-venv
}

missing_for_firmware() {
    has avr-gcc || echo gcc-avr
    has avr-objcopy || echo binutils-avr
    [ -d /usr/lib/avr/include ] || echo avr-libc
    [ -d /usr/share/arduino/hardware/arduino/avr ] || echo arduino-core-avr
}

missing_for_tests() {
    missing_for_firmware
    has gcc || echo gcc
    has g++ || echo g++
    [ -d /usr/include/simavr ] || echo libsimavr-dev
    [ -e /usr/include/libelf.h ] || echo libelf-dev
    has mosquitto || echo mosquitto
    has mosquitto_sub || echo mosquitto-clients
    has chromium || has chromium-browser || echo chromium
    has edfbrowser || echo edfbrowser
    has Xvfb || echo xvfb
    has xdotool || echo xdotool
    has ip || echo iproute2
    has initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || echo postgresql
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo -n env DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

can_install() { has apt-get && { [ "$(id -u)" -eq 0 ] || { has sudo && sudo -n true 2>/dev/null; }; }; }

# The tests start a broker and a database of their own: Debian must not start its ones now, nor at the next boot.
apt_install() {
    if [ ! -e "$policy" ]; then
        trap 'as_root rm -f "$policy"' EXIT
        trap 'exit 130' INT TERM
        as_root sh -c "printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy"
    fi
    as_root apt-get update -qq
    # shellcheck disable=SC2086  # a list of package names
    as_root apt-get install -qq -y --no-install-recommends $1 >/dev/null
    case " $1 " in
        *" mosquitto "*) if has systemctl; then as_root systemctl disable --quiet mosquitto.service; fi ;;
    esac
    case " $1 " in
        *" postgresql "*) if has systemctl; then as_root systemctl disable --quiet postgresql.service; fi ;;
    esac
}

check_python_version() {
    "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' && return
    say "needs Python 3.11 or newer, but $PYTHON is $("$PYTHON" --version 2>&1)"
    say "install a newer one and name it: make PYTHON=/path/to/python3.11 ..."
    exit 1
}

needed=$1
# shellcheck disable=SC2046  # one line of names out of several
missing=$(echo $("missing_for_$needed"))

if [ -n "$missing" ]; then
    if [ "$needed" = tests ] && [ -n "$WITHOUT_SYSTEM" ]; then
        say "testing without: $missing"
    elif can_install; then
        say "installing Debian packages: $missing"
        apt_install "$missing"
    else
        say "missing on this machine: $missing"
        if has apt-get; then
            say "install by hand, then run make again: sudo apt-get install --no-install-recommends $missing"
        else
            say "install these with your system's package manager, then run make again"
        fi
        if [ "$needed" = tests ]; then say "or skip the tests that need them: make test WITHOUT_SYSTEM=1"; fi
        exit 1
    fi
fi

if [ "$needed" = python ]; then check_python_version; fi
