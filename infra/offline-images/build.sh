#!/bin/sh
# Builds stand-ins for the images that the Dockerfile and docker-compose.yml name, from what is installed on this machine: for machines that
# can reach no registry of images or packages. Then builds the project's own image on them, by the Dockerfile that everybody uses.
set -eu
cd "$(dirname "$(readlink -f "$0")")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

node_image=$(sed -n 's/^FROM \(node:[^ ]*\).*/\1/p' infra/Dockerfile | head -n 1)
nats_image=$(sed -n 's/^ *image: \(nats:.*\)/\1/p' docker-compose.yml | head -n 1)
own_image=$(sed -n 's/^ *image: \(quiesce:.*\)/\1/p' docker-compose.yml | head -n 1)
prometheus_image=$(sed -n 's/^ *image: \(prom\/.*\)/\1/p' docker-compose.yml | head -n 1)

# Puts the shared libraries of a file, and their loader, into a root file system where they are looked for.
provide_libraries() {
  ldd "$2" 2>/dev/null | grep -o '/[^ ]* (0x' | cut -d ' ' -f 1 | while read -r library; do
    mkdir -p "$1$(dirname "$library")"
    cp -L "$library" "$1$library"
  done
}

# Puts programs into a root file system at their own paths, with what they need.
provide() {
  root=$1
  shift
  for program; do
    mkdir -p "$root$(dirname "$program")"
    cp -L "$program" "$root$program"
    provide_libraries "$root" "$program"
  done
}

# A program at a path of its own.
provide_as() {
  provide "$1" "$2"
  mkdir -p "$1$(dirname "$3")"
  mv "$1$2" "$1$3"
}

path_of() {
  PATH="$PATH:/usr/sbin:/sbin" command -v "$1"
}

# Makes an image of a root file system.
image() {
  mkdir -p "$2/tmp"
  chmod 1777 "$2/tmp"
  name=$1 root=$2
  shift 2
  tar -C "$root" -c . | docker import "$@" - "$name" >/dev/null
  echo "$name"
}

nats=$work/nats
provide "$nats" "$(path_of wget)"
provide_as "$nats" "${QUIESCE_NATS_SERVER:-$(path_of nats-server)}" /usr/local/bin/nats-server
image "$nats_image" "$nats" -c 'ENTRYPOINT ["/usr/local/bin/nats-server"]' -c 'ENV PATH=/usr/local/bin:/usr/bin'

# Only the profile `metrics` needs it. The image that it stands for runs as nobody as well, and keeps what it scraped in /prometheus.
if path_of prometheus >/dev/null; then
  prometheus=$work/prometheus
  provide_as "$prometheus" "$(path_of prometheus)" /bin/prometheus
  mkdir -p "$prometheus/prometheus"
  chown 65534:65534 "$prometheus/prometheus"
  image "$prometheus_image" "$prometheus" -c 'USER 65534:65534' -c 'WORKDIR /prometheus' -c 'ENTRYPOINT ["/bin/prometheus"]' \
    -c 'CMD ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"]'
else
  echo "no prometheus is installed here: $prometheus_image is left out" >&2
fi

node=$work/node
for program in dash find grep tar mkdir chown; do provide "$node" "$(path_of "$program")"; done
mkdir -p "$node/bin"
mv "$node$(path_of dash)" "$node/bin/sh"
provide_as "$node" "$PWD/node_modules/node/bin/node" /usr/local/bin/node
for addon in node_modules/*/*.node node_modules/@*/*/*.node; do provide_libraries "$node" "$addon"; done
# Here npm is a script that unpacks what is installed in this checkout: all of it, or what is not for development only.
cp infra/offline-images/npm.sh "$node/usr/local/bin/npm"
mkdir -p "$node/opt"
node_modules/.bin/node infra/offline-images/production.ts | tar -c --exclude=node_modules/node/bin -T - -f "$node/opt/production.tar"
tar -c --exclude=node_modules/node/bin --exclude=node_modules/@biomejs --exclude=node_modules/kubernetes-models \
  --exclude=node_modules/playwright-core -f "$node/opt/all.tar" node_modules/*
image "$node_image" "$node" -c 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' -c 'CMD ["node"]'

docker build --quiet --tag "$own_image" --file infra/Dockerfile . >/dev/null
echo "$own_image"
