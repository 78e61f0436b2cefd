# shellcheck shell=bash
# What ./dev machine needs before it can start: a Debian for the machine, a disk made from it, and
# our build as it would be installed. Sourced by ./dev.
# shellcheck disable=SC2154,SC2034

# Raised when what is below makes something else of the same files.
machine_recipe=1

# Sets $machine_disk to a disk that boots, and $machine_build to the installed build.
machine_disk ()
{
  local here=$top/tests/machine key base
  base=machine-$({ echo "$machine_recipe"; cat "$here/packages" "$here/customize"; } | sha256sum | cut -c1-16)
  # The first hook has MODULES=list in place before the kernel makes its first initramfs.
  # shellcheck disable=SC2016
  make_debian "$base" "the machine's Debian 13 (about 700 MB; a minute or two)" \
    --include="$(grep -v '^#' "$here/packages" | paste -sd,)" \
    --essential-hook='mkdir -p "$1/etc/initramfs-tools/conf.d"; printf "MODULES=list\nRESUME=none\n" >"$1/etc/initramfs-tools/conf.d/machine"' \
    --customize-hook="$here/customize"' "$1"'

  machine_build=$top/_build/$flavour/machine-install
  rm -rf "$machine_build"
  inside env DESTDIR="$machine_build" meson install -C "$top/_build/$flavour/machine" --no-rebuild --quiet >&2 ||
    die "the machine's build could not be installed"

  key=$({ echo "$base"; cd "$here" && find image make-image prepare.py -type f | LC_ALL=C sort | xargs sha256sum; } | sha256sum | cut -c1-16)
  machine_disk=$cache/machine/$key
  if [ -d "$machine_disk" ]; then touch -c "$machine_disk"; return 0; fi
  mkdir -p "$cache/machine"
  exec 9>"$cache/machine/.lock"
  flock -n 9 || { say "Another run is making the machine's disk: waiting for it"; flock 9; }
  if [ ! -d "$machine_disk" ]; then
    rm -rf "$cache"/machine/.making-*
    find "$cache/machine" -mindepth 1 -maxdepth 1 -type d -mtime +30 -exec rm -rf {} +
    say "Making the machine's disk in $machine_disk"
    mkdir "$cache/machine/.making-$key"
    # With the tools of the machine's own Debian.
    in_userns unshare --mount --pid --fork --kill-child --propagation private -- \
      "$top/build-aux/enter-root" "$cache/roots/$base" "$cache" "$top" \
      "$here/make-image" "$cache/roots/$base" "$here/image" "$cache/machine/.making-$key" >&2 ||
      die "the machine's disk could not be made"
    say "Starting the machine once, to install its boot loaders"
    inside nice -n 5 python3 "$here/prepare.py" "$cache/machine/.making-$key" >&2 ||
      die "the machine's disk could not be prepared"
    sync -f "$cache/machine"
    mv -T "$cache/machine/.making-$key" "$machine_disk"
  fi
  exec 9>&-
}
