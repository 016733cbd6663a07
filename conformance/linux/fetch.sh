#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# fetch.sh FOLDER: the kernel's two files of Debian's linux-source-6.1 and -6.12, into FOLDER/6.1 and FOLDER/6.12
#
# apt-get download needs no root. Of each package two files and the Makefile are kept, and what was fetched is not fetched
# again. The folders are printed, one a line; what goes wrong is said by whoever it went wrong for.
set -eu

folder=${1:?a folder to fetch into}
versions='6.1 6.12'

fetch() {
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root "linux-source-$1" >&2)
	mkdir "$work/tree"
	dpkg-deb --fsys-tarfile "$work"/linux-source-*.deb |
		tar -xO "./usr/src/linux-source-$1.tar.xz" |
		tar -xJ -C "$work/tree" --strip-components=1 \
			"linux-source-$1/Makefile" \
			"linux-source-$1/mm/mmu_gather.c" \
			"linux-source-$1/include/asm-generic/tlb.h"
	mkdir -p "$folder"
	mv "$work/tree" "$folder/$1"
	rm -rf "$work"
}

for version in $versions; do
	if [ ! -d "$folder/$version" ]; then
		fetch "$version"
	fi
	echo "$folder/$version"
done
