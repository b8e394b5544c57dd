#!/usr/bin/env bash
# Builds pairs of files that differ as two releases do, for "bench delta".
#
#   build.sh DIR [KIND...]
#
# Each pair is a directory DIR/KIND with the files old, new and about (one line). A pair
# that is there already is kept. What comes from a network comes through apt-get, npm and go,
# as they are configured. If a tool or a package is missing, or anything else fails, there is
# no pair: DIR/KIND/not-built contains the reason, and the other kinds are built.
#
# All kinds together take 21 GB, 10 GB more while they are built, and about 25 minutes.
# The tools are in the Debian packages e2fsprogs, jq, postgresql, qemu-utils, sqlite3,
# squashfs-tools, unzip, xorriso, xz-utils and zip, and in Go and npm. Nothing needs root. If
# root runs this script, the user postgres builds pg-dump and pg-data-tar, because PostgreSQL
# refuses to run as root.
#
# Debian packages: the new version is the newest one that apt knows. The old version is the
# newest one of an earlier upstream release, or else the one before. Packages of a root file
# system with only one version stay as they are.
set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C TZ=UTC

kinds=(
	npm-tar npm-tgz go-zip jar deb kernel-tar kernel-tar-fixed
	root-tar root-tar-gzip root-tar-gzip-rsyncable squashfs iso ext4-rebuilt ext4-upgraded qcow2 docker-save
	sqlite-dump sqlite-file pg-dump pg-data-tar
)
npm_package=next@16.4.5,16.4.6
go_versions=1.26.7,1.26.8
root_packages=(
	apt bash ca-certificates coreutils curl dpkg git iproute2 less nginx openjdk-17-jre-headless
	openssh-server perl postgresql-15 python3 systemd-sysv vim
)
epoch='2026-01-01 00:00:00' # for all times that are fixed

# -- Tools --

# stop ends a kind with the reason why it is not built.
stop() {
	echo "$*" >reason
	exit 1
}

need() {
	local tool
	for tool; do
		command -v "$tool" >/dev/null || stop "$tool is not installed"
	done
}

# once runs a function of inputs in the directory of the same name, which several kinds share.
once() {
	[[ -e $work/$1.done ]] && return
	rm -rf "${work:?}/$1"
	mkdir "$work/$1"
	pushd "$work/$1" >/dev/null
	"$1"
	popd >/dev/null
	touch "$work/$1.done"
}

# archive prints a tar of a directory with sorted names. Other arguments are options of tar.
archive() {
	local dir=$1
	shift
	tar --create --directory="$dir" --sort=name --owner=0 --group=0 --numeric-owner --format=gnu "$@" .
}

# stored writes a zip of a directory with sorted names and fixed times. Other arguments are
# options of zip.
stored() {
	local dir=$1 out=$PWD/$2
	shift 2
	find "$dir" -exec touch -h -d "$epoch" {} +
	(cd "$dir" && find . -type f | sort | zip -q -X "$@" "$out.zip" -@)
	mv "$out.zip" "$out"
}

# -- Packages --

# versions prints the name, the new and the old version of Debian packages, or - without an
# old one.
versions() {
	apt-cache madison "$@" | awk -F '|' '
		function upstream(version) { sub(/-[^-]*$/, "", version); return version }
		{ gsub(/ /, "") }
		/Sources$/ || seen[$1, $2]++ { next }
		!($1 in new) { new[$1] = $2; next }
		!($1 in last) { last[$1] = $2 }
		!($1 in old) && upstream($2) != upstream(new[$1]) { old[$1] = $2 }
		END { for (name in new) print name, new[name], name in old ? old[name] : name in last ? last[name] : "-" }'
}

# debian downloads the old and the new version of a package, as old.deb and new.deb.
debian() {
	need apt-get apt-cache dpkg-deb
	local name new old
	read -r name new old < <(versions "$1") || stop "apt knows no package $1; run apt-get update"
	[[ $old != - ]] || stop "apt knows only one version of $name"
	download old.debs "$name=$old"
	download new.debs "$name=$new"
	mv old.debs/*.deb old.deb
	mv new.debs/*.deb new.deb
	echo "$name, $old and $new" >about
}

# download downloads Debian packages into a new directory.
download() {
	mkdir "$1"
	(cd "$1" && apt-get -qq -o APT::Sandbox::User=root download "${@:2}") || stop "apt-get cannot download ${*:2}"
}

# trees unpacks the old and the new root file system, as old and new.
trees() {
	need apt-get apt-cache dpkg-deb
	local names name new old before=() after=() same=() deb
	: >none # pretends that nothing is installed
	names=$(apt-get -q --simulate -o Dir::State::status="$PWD/none" --no-install-recommends install "${root_packages[@]}" | awk '/^Inst/ { print $2 }') ||
		stop "apt-get does not find all packages of the root file system"
	# shellcheck disable=SC2086 # names are words
	while read -r name new old; do
		if [[ $old == - ]]; then
			same+=("$name")
		else
			before+=("$name=$old") after+=("$name=$new")
		fi
	done < <(versions $names | sort)
	((${#before[@]} >= 3)) || stop "apt knows two versions of only ${#before[@]} packages of the root file system"
	download same.debs "${same[@]}"
	download old.debs "${before[@]}"
	download new.debs "${after[@]}"
	mkdir old new
	for deb in same.debs/* old.debs/*; do dpkg-deb --extract "$deb" old; done
	for deb in same.debs/* new.debs/*; do dpkg-deb --extract "$deb" new; done
	chmod -R u+rwX old new
	rm -r ./*.debs
	echo "${#before[@]} of $((${#before[@]} + ${#same[@]})) Debian packages upgraded" >about
}

# node unpacks the old and the new npm package. npm packs files without times.
node() {
	need npm
	local name=${npm_package%@*} versions=${npm_package#*@} which v
	for which in old new; do
		[[ $which == old ]] && v=${versions%,*} || v=${versions#*,}
		npm pack --silent "$name@$v" || stop "npm cannot download $name@$v"
		mv ./*.tgz $which.packed
		mkdir $which
		tar --extract --gzip --file=$which.packed --directory=$which
	done
	echo "npm package $name, ${versions/,/ and }" >about
}

# -- Kinds: each writes old, new and about to the current directory --

npm-tar() {
	once node
	archive "$work/node/old" --mtime="$epoch" >old
	archive "$work/node/new" --mtime="$epoch" >new
	echo "$(<"$work/node/about"), tar with fixed times" >about
}

npm-tgz() {
	once node
	ln "$work/node/old.packed" old
	ln "$work/node/new.packed" new
	echo "$(<"$work/node/about"), as published" >about
}

go-zip() {
	need go zip unzip jq
	local which v module
	for which in old new; do
		[[ $which == old ]] && v=${go_versions%,*} || v=${go_versions#*,}
		module=$(GOMODCACHE=$PWD/modules GOFLAGS=-modcacherw go mod download -json "golang.org/toolchain@v0.0.1-go$v.linux-amd64" | jq -r .Zip) ||
			stop "go cannot download Go $v"
		unzip -q "$module" -d unzipped
		stored unzipped/golang.org/* $which -0
		rm -r unzipped
	done
	echo "Go ${go_versions/,/ and }: sources and tools, zip without compression" >about
}

# A module of the JDK is a zip of classes with a header, about which unzip warns.
jar() {
	need zip unzip
	local which
	debian openjdk-17-jdk-headless
	for which in old new; do
		dpkg-deb --extract $which.deb $which.tree
		mkdir $which.classes
		find $which.tree -name '*.jmod' -exec unzip -q -o {} 'classes/*' -d $which.classes \; 2>/dev/null
		[[ -e $which.classes/classes/java/lang/Object.class ]] || stop "openjdk-17-jdk-headless contains no jmods"
		stored $which.classes/classes $which
	done
	sed -i 's/$/: all classes, jar with fixed times/' about
}

deb() {
	debian firefox-esr
	mv old.deb old
	mv new.deb new
	sed -i 's/$/, as published/' about
}

kernel() {
	need xz
	local which
	debian linux-source-6.1
	for which in old new; do
		dpkg-deb --fsys-tarfile $which.deb | tar --extract --to-stdout --wildcards '*.tar.xz' | xz --decompress >$which
	done
}

kernel-tar() {
	once kernel
	ln "$work/kernel/old" "$work/kernel/new" .
	sed 's/$/: tar as published, with new times and a version in all paths/' "$work/kernel/about" >about
}

kernel-tar-fixed() {
	once kernel
	local which
	for which in old new; do
		mkdir tree
		tar --extract --file="$work/kernel/$which" --directory=tree --strip-components=1
		archive tree --mtime="$epoch" >$which
		rm -r tree
	done
	sed 's/$/: tar with fixed times and sorted names/' "$work/kernel/about" >about
}

root-tar() {
	once trees
	archive "$work/trees/old" >old
	archive "$work/trees/new" >new
	sed 's/^/root file system, tar: /' "$work/trees/about" >about
}

# compressed writes the old and the new root file system as tar through a command.
compressed() {
	need "$1"
	once trees
	archive "$work/trees/old" | "$@" >old
	archive "$work/trees/new" | "$@" >new
	sed "s/^/root file system, tar, then $*: /" "$work/trees/about" >about
}

root-tar-gzip() { compressed gzip -n; }

root-tar-gzip-rsyncable() {
	gzip --rsyncable </dev/null >/dev/null 2>&1 || stop "gzip does not know --rsyncable"
	compressed gzip -n --rsyncable
}

squashfs() {
	need mksquashfs
	once trees
	local which
	for which in old new; do
		mksquashfs "$work/trees/$which" $which -quiet -no-progress -noappend -all-root -mkfs-time 0 -processors 2
	done
	sed 's/^/root file system, squashfs: /' "$work/trees/about" >about
}

iso() {
	need xorriso
	once trees
	local which
	for which in old new; do
		xorriso -as mkisofs -quiet -r -J -joliet-long -V APPLIANCE -o $which.iso "$work/trees/$which"
		mv $which.iso $which
	done
	sed 's/^/root file system, ISO 9660: /' "$work/trees/about" >about
}

# ext4 writes an image of a directory. The same directory yields nearly the same image.
ext4() {
	rm -f "$2"
	truncate -s 1536M "$2"
	mkfs.ext4 -q -U 5d2e0b4a-7c1f-4a39-9e08-3b6d1f2a4c58 -E hash_seed=5d2e0b4a-7c1f-4a39-9e08-3b6d1f2a4c58,root_owner=0:0 -d "$1" "$2" ||
		stop "mkfs.ext4 cannot write the root file system into an image"
}

ext4-rebuilt() {
	PATH=$PATH:/usr/sbin
	need mkfs.ext4
	once trees
	ext4 "$work/trees/old" old
	ext4 "$work/trees/new" new
	sed 's/^/root file system, raw ext4 image, built again: /' "$work/trees/about" >about
}

# paths prints the paths in a tree that find selects. sums prints those of files, with a checksum.
paths() { (cd "$trees/$1" && find . -mindepth 1 "${@:2}" -printf '/%P\n' | sort); }
sums() { (cd "$trees/$1" && find . -type f -print0 | xargs -0 sha256sum | sed 's/ \+\./ /' | sort); }

# images upgrades an image in place. As dpkg does, it writes the new file under another name
# first. So the new bytes are in other blocks, and the order of files changes.
images() {
	PATH=$PATH:/usr/sbin
	need mkfs.ext4 debugfs e2fsck
	once trees
	local trees=$work/trees
	ext4 "$trees/old" old
	local path
	{
		comm -13 <(paths old -type d) <(paths new -type d) | sed 's/.*/mkdir "&"/'
		comm -23 <(paths old ! -type d) <(paths new ! -type d) | sed 's/.*/rm "&"/'
		comm -13 <(sums old) <(sums new) | while read -r _ path; do # new or changed
			echo "cd \"${path%/*}/\""
			echo "write \"$trees/new$path\" \"${path##*/}.dpkg-new\""
			[[ -e $trees/old$path ]] && echo "rm \"${path##*/}\""
			echo "ln \"${path##*/}.dpkg-new\" \"${path##*/}\""
			echo "unlink \"${path##*/}.dpkg-new\""
		done
		comm -13 <(paths old -type l) <(paths new -type l) | while read -r path; do
			echo "symlink \"$path\" \"$(readlink "$trees/new$path")\""
		done
	} >commands
	cp --sparse=always old new
	debugfs -w -f commands new >log 2>&1 || true
	e2fsck -fp new >check 2>&1 || (($? <= 1)) || stop "the upgraded image is damaged"
	debugfs -R "dump /usr/bin/openssl openssl" new 2>/dev/null
	cmp -s openssl "$trees/new/usr/bin/openssl" || stop "debugfs did not upgrade the image"
}

ext4-upgraded() {
	once images
	ln "$work/images/old" "$work/images/new" .
	sed 's/^/root file system, raw ext4 image, upgraded in place: /' "$work/trees/about" >about
}

qcow2() {
	need qemu-img
	once images
	qemu-img convert -f raw -O qcow2 "$work/images/old" old
	qemu-img convert -f raw -O qcow2 "$work/images/new" new
	sed 's/^/root file system, qcow2 of the image upgraded in place: /' "$work/trees/about" >about
}

# docker-save is what docker save writes of an image with two layers: a root file system and
# the application, which changes. Blobs are named by their digest.
docker-save() {
	once trees
	once node
	local which layer digest size layers
	for which in old new; do
		layers=
		mkdir -p image/blobs/sha256
		for layer in "$work/trees/old" "$work/node/$which"; do
			archive "$layer" --mtime="$epoch" >layer.tar
			digest=$(sha256sum layer.tar | cut -d ' ' -f 1)
			size=$(stat -c %s layer.tar)
			mv layer.tar "image/blobs/sha256/$digest"
			layers+="${layers:+,}{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"sha256:$digest\",\"size\":$size}"
		done
		echo "{\"schemaVersion\":2,\"layers\":[$layers]}" >manifest
		digest=$(sha256sum manifest | cut -d ' ' -f 1)
		mv manifest "image/blobs/sha256/$digest"
		echo "{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"sha256:$digest\"}]}" >image/index.json
		echo '{"imageLayoutVersion":"1.0.0"}' >image/oci-layout
		archive image --mtime="$epoch" >$which
		rm -r image
	done
	echo "tar as docker save writes it, application changed: $(<"$work/node/about")" >about
}

# -- Databases: a day adds rows at the end, changes mostly young rows and removes old ones --

sqlite-dump() {
	need sqlite3
	sqlite3 data <<-'SQL'
		CREATE TABLE orders(id INTEGER PRIMARY KEY, day INTEGER, customer INTEGER, state TEXT, token TEXT, note TEXT);
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000)
		INSERT INTO orders SELECT i, i / 5000, i * 7919 % 100003, 'shipped', hex(sha3(i, 256)), 'Order ' || i || ' of customer ' || i * 7919 % 100003 FROM n;
	SQL
	sqlite3 data .dump >old
	sqlite3 data <<-'SQL'
		DELETE FROM orders WHERE day = 0;
		UPDATE orders SET state = 'returned' WHERE id % 400009 = 0;
		UPDATE orders SET state = 'delivered', note = note || ', signed' WHERE day > 395 AND id % 3 = 0;
		WITH RECURSIVE n(i) AS (SELECT 2000001 UNION ALL SELECT i + 1 FROM n WHERE i < 2005000)
		INSERT INTO orders SELECT i, i / 5000, i * 7919 % 100003, 'new', hex(sha3(i, 256)), 'Order ' || i || ' of customer ' || i * 7919 % 100003 FROM n;
	SQL
	sqlite3 data .dump >new
	echo "sqlite3 .dump, changes of a day" >about
}

# The index is on random values, so each new row changes another page.
sqlite-file() {
	need sqlite3
	sqlite3 old <<-'SQL'
		CREATE TABLE orders(id INTEGER PRIMARY KEY, token TEXT, note TEXT);
		CREATE INDEX by_token ON orders(token);
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500000)
		INSERT INTO orders SELECT i, hex(sha3(i, 256)), 'Order ' || i || ' of customer ' || i * 7919 % 100003 FROM n ORDER BY i;
	SQL
	cp old new
	sqlite3 new <<-'SQL'
		WITH RECURSIVE n(i) AS (SELECT 1500001 UNION ALL SELECT i + 1 FROM n WHERE i < 1515000)
		INSERT INTO orders SELECT i, hex(sha3(i, 256)), 'Order ' || i || ' of customer ' || i * 7919 % 100003 FROM n;
	SQL
	echo "SQLite file with an index, 1 % new rows" >about
}

# postgres runs a command as a user that PostgreSQL accepts.
postgres() {
	if ((EUID)); then "$@"; else runuser -u postgres -- "$@"; fi
}

database() {
	local found
	for found in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin; do PATH=$PATH:$found; done
	need initdb pg_ctl psql pg_dump
	if ((!EUID)); then
		id postgres >/dev/null 2>&1 || stop "there is no user postgres"
		chmod a+x "$dir" "$work" # so that the user postgres can reach the database
		chown postgres .
	fi
	postgres initdb -D data --no-sync -A trust >log
	postgres pg_ctl -D data -w -l log.server -o "-k $PWD -c listen_addresses= -c autovacuum=off -c fsync=off -c max_wal_size=64MB -c min_wal_size=32MB" start >>log ||
		stop "PostgreSQL does not start"
	# shellcheck disable=SC2064 # the directory is that of now
	trap "cd '$PWD' && postgres pg_ctl -D data -m immediate stop >>log || true" EXIT
	local query=(postgres psql -q -X -v ON_ERROR_STOP=1 -h "$PWD" postgres)
	"${query[@]}" <<-'SQL'
		CREATE TABLE customers(id bigint PRIMARY KEY, name text, mail text, seen date);
		CREATE TABLE orders(id bigint PRIMARY KEY, day int, customer bigint, state text, token text, note text);
		INSERT INTO customers SELECT i, 'Customer ' || i, md5(i::text) || '@example.com', date '2026-01-01' + i % 300 FROM generate_series(1, 500000) i;
		INSERT INTO orders SELECT i, i / 5000, i * 7919 % 500000, 'shipped', md5(i::text) || md5((-i)::text), 'Order ' || i FROM generate_series(1::bigint, 3000000) i;
		CREATE INDEX ON orders(customer);
		VACUUM (FREEZE); -- otherwise the next one would write all pages
		CHECKPOINT;
	SQL
	saved old
	"${query[@]}" <<-'SQL'
		DELETE FROM orders WHERE day = 0;
		UPDATE customers SET seen = date '2026-11-01' WHERE id % 10007 = 0;
		UPDATE orders SET state = 'delivered' WHERE day > 595 AND id % 3 = 0;
		UPDATE orders SET state = 'returned' WHERE id % 30011 = 0;
		INSERT INTO orders SELECT i, i / 5000, i * 7919 % 500000, 'new', md5(i::text) || md5((-i)::text), 'Order ' || i FROM generate_series(3000001::bigint, 3005000) i;
		VACUUM;
		CHECKPOINT;
	SQL
	saved new
	postgres pg_ctl -D data -m fast stop >>log
	trap - EXIT
}

# saved dumps the database, and archives its directory as a backup of a stopped server does.
saved() {
	postgres pg_dump -h "$PWD" postgres >"$1.dump"
	postgres pg_ctl -D data -w -m fast stop >>log
	archive data --exclude=./pg_wal/'*' >"$1.data"
	postgres pg_ctl -D data -w -l log.server -o "-k $PWD -c listen_addresses= -c autovacuum=off -c fsync=off -c max_wal_size=64MB -c min_wal_size=32MB" start >>log
}

pg-dump() {
	once database
	ln "$work/database/old.dump" old
	ln "$work/database/new.dump" new
	echo "pg_dump, changes of a day" >about
}

pg-data-tar() {
	once database
	ln "$work/database/old.data" old
	ln "$work/database/new.data" new
	echo "PostgreSQL directory as tar, changes of a day" >about
}

# -- All kinds --

# build runs a kind in a subshell, in a directory that becomes that of the pair.
build() {
	local kind=$1 pair=$dir/$1 status
	[[ -e $pair/old && -e $pair/new ]] && return
	echo "== $kind"
	rm -rf "$pair" "$work/pair"
	mkdir "$work/pair"
	set +e
	(
		set -e
		cd "$work/pair"
		"$kind"
	)
	status=$?
	set -e
	mkdir "$pair"
	if ((status == 0)); then
		mv "$work/pair/old" "$work/pair/new" "$work/pair/about" "$pair"
	else
		find "$work" -maxdepth 2 -name reason -exec cat {} + -quit >"$pair/not-built"
		[[ -s $pair/not-built ]] || echo "the script failed with status $status" >"$pair/not-built"
		find "$work" -maxdepth 2 -name reason -delete
		echo "not built: $(<"$pair/not-built")"
	fi
	rm -rf "$work/pair"
}

(($#)) || {
	sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2
	exit 2
}
mkdir -p "$1"
dir=$(cd "$1" && pwd)
shift
(($#)) && kinds=("$@")
work=$(mktemp -d "$dir/.work-XXXXXX")
trap 'rm -rf "$work"' EXIT
for kind in "${kinds[@]}"; do build "$kind"; done
