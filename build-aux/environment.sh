# shellcheck shell=bash
# Where Fatia is built: on the system itself where its libraries are new enough, else in a
# Debian 13 root kept in the cache folder. Sourced by ./dev, which sets $top and reads $flavour.
# shellcheck disable=SC2154,SC2034

cache=${FATIA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fatia}

# Raised when the recipe below changes in a way the list of packages does not show.
root_recipe=1

say () { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
die () { printf 'dev: %s\n' "$*" >&2; exit 2; }

packages () { grep -v '^#' "$top/build-aux/packages/$1"; }

# Prints the family whose package list fits this system natively, or nothing.
native_family ()
{
  local ID='' ID_LIKE='' VERSION_ID=''
  # shellcheck source=/dev/null
  [ -r /etc/os-release ] && . /etc/os-release
  case " $ID $ID_LIKE " in
    *' fedora '*) [ "$ID" != fedora ] || [ "${VERSION_ID%%.*}" -ge 42 ] && echo fedora ;;
    *' arch '*) echo arch ;;
    *' ubuntu '*) [ "${VERSION_ID%%.*}" -ge 26 ] 2>/dev/null && echo debian ;;
    # Testing and unstable have no VERSION_ID.
    *' debian '*) [ "${VERSION_ID:-99}" -ge 13 ] && echo debian ;;
  esac
  return 0
}

as_root () { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# Installs, with the system's own package manager, what the list names and the system lacks.
# The list's checksum is kept so that the question is asked again only when it changes.
native_setup ()
{
  local family=$1 stamp missing=()
  stamp=$cache/native-$(packages "$family" | sha256sum | cut -c1-16)
  [ -e "$stamp" ] && return 0
  mapfile -t missing < <(case $family in
    debian) comm -23 <(packages debian | sort) \
              <(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' | sed -n 's/^ii //p' | sort) ;;
    fedora) packages fedora | while read -r p; do rpm -q --quiet --whatprovides "$p" || echo "$p"; done ;;
    arch) packages arch | xargs pacman -T ;;
  esac)
  if [ ${#missing[@]} -gt 0 ]; then
    say "Installing what is missing: ${missing[*]}"
    case $family in
      debian) as_root apt-get update -q && as_root apt-get install -y --no-install-recommends "${missing[@]}" ;;
      fedora) as_root dnf install -y "${missing[@]}" ;;
      arch) as_root pacman -S --needed --noconfirm "${missing[@]}" ;;
    esac || die "the package manager could not install: ${missing[*]}"
  fi
  mkdir -p "$cache" && : >"$stamp"
}

# A user without root works in a user namespace of their own, in which they are root. The root is
# made in one too (and in a mount namespace, so that no mount outlives a run that was killed).
in_userns ()
{
  if [ "$(id -u)" = 0 ]; then "$@"; else unshare --user --map-root-user --map-auto -- "$@"; fi
}

# need_mmdebstrap: installs it where a Debian is to be made and it is missing.
need_mmdebstrap ()
{
  if ! command -v mmdebstrap >/dev/null; then
    command -v apt-get >/dev/null || die "mmdebstrap is needed to make a Debian 13 root: install it and try again"
    say "Installing mmdebstrap"
    { as_root apt-get update -q && as_root apt-get install -y -q mmdebstrap; } >&2 ||
      die "mmdebstrap could not be installed"
  fi
  # A user's own namespace takes its further ids from newuidmap.
  if [ "$(id -u)" != 0 ] && ! command -v newuidmap >/dev/null; then
    say "Installing uidmap"
    as_root apt-get install -y -q uidmap >&2 ||
      die "newuidmap is needed to make a Debian 13 root as a user: install the package uidmap and try again"
  fi
}

# make_debian NAME WHAT MMDEBSTRAP-ARG…: makes $cache/roots/NAME unless it is there, of the release
# $debian_suite, else of Debian 13. It is built
# beside its final place and renamed when whole and on the disk, under a lock that dies with the
# last process that works on it: an interruption at any moment leaves nothing that would be taken
# for a root, two runs wait for each other, and one that was killed is waited for if a child of it
# lives on.
make_debian ()
{
  local place=$cache/roots/$1
  if [ -d "$place" ]; then
    # Says when it was last used; see below.
    touch -c "$place.used" 2>/dev/null || true
    return 0
  fi
  need_mmdebstrap
  mkdir -p "$cache/roots"
  exec 9>"$cache/roots/.lock"
  flock -n 9 || { say "Another run is making a root: waiting for it"; flock 9; }
  if [ ! -d "$place" ]; then
    forget_roots
    say "Making $2 in $place"
    in_userns unshare --mount --propagation private -- \
      mmdebstrap --mode=root --variant=apt "${@:3}" \
      "${debian_suite:-trixie}" "$cache/roots/.making-$1" 2>&1 | root_progress ||
      die "the root could not be made; the log is $cache/roots/log"
    sync -f "$cache/roots"
    mv -T "$cache/roots/.making-$1" "$place"
    : >"$place.used"
  fi
  exec 9>&-
}

# Makes the Debian 13 root that Fatia is built in, and sets $root to it.
root_setup ()
{
  local key
  key=$({ echo "$root_recipe"; packages debian; } | sha256sum | cut -c1-16)
  root=$cache/roots/$key
  make_debian "$key" "a Debian 13 root (about 2 GB; a minute or two)" \
    --include="$(packages debian | paste -sd,)"
}

# Makes the Debian 12 root that the helper is built in too, and sets $root to it.
floor_setup ()
{
  local key
  key=$({ echo "$root_recipe"; packages debian-floor; } | sha256sum | cut -c1-16)
  root=$cache/roots/floor-$key
  debian_suite=bookworm make_debian "floor-$key" "a Debian 12 root (about 500 MB; a minute)" \
    --include="$(packages debian-floor | paste -sd,)"
}

# Whether that root can be made: not from within another, nor where nothing makes a Debian.
has_floor ()
{
  [ -z "${FATIA_INSIDE:-}" ] && { command -v mmdebstrap || command -v apt-get; } >/dev/null
}

# Removes what an interrupted run left, and roots that no run has used for 30 days.
forget_roots ()
{
  local stamp
  in_userns rm -rf --one-file-system "$cache"/roots/.making-*
  find "$cache/roots" -maxdepth 1 -name '*.used' -mtime +30 | while read -r stamp; do
    in_userns rm -rf --one-file-system "${stamp%.used}"
    rm -f "$stamp"
  done
}

# One line on a terminal that says what mmdebstrap is doing; the whole log goes to a file.
root_progress ()
{
  local line n=0
  : >"$cache/roots/log"
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$cache/roots/log"
    case $line in
      'I: '*|'E: '*) printf '    %s\n' "$line" >&2 ;;
      'Setting up '*|'Unpacking '*)
        n=$((n + 1))
        [ -t 2 ] && printf '\r\033[K    %5d %.60s' "$n" "$line" >&2 ;;
    esac
  done
  [ -t 2 ] && printf '\r\033[K' >&2
  return 0
}

# Runs a command in the environment, in the current folder.
inside ()
{
  if [ -n "${FATIA_INSIDE:-}" ]; then
    "$@"
  elif [ -n "$native" ]; then
    FATIA_INSIDE=native "$@"
  else
    in_userns unshare --mount --pid --fork --kill-child --propagation private -- \
      "$top/build-aux/enter-root" "$root" "$cache" "$top" "$@"
  fi
}

setup ()
{
  native='' root=''
  # Already inside: ./dev called from ./dev shell.
  [ -n "${FATIA_INSIDE:-}" ] && { flavour=$FATIA_INSIDE; return; }
  [ "${FATIA_NATIVE:-yes}" = no ] || native=$(native_family)
  if [ -n "$native" ]; then native_setup "$native"; flavour=native; else root_setup; flavour=root; fi
}
