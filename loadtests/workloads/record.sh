#!/bin/sh
# Records the shipped workloads again on a Debian machine: each load runs once under perf (natively) and once under strace.
#
# usage: record.sh [DIRECTORY]        raw logs go to DIRECTORY (default: a temporary one), then build.ts makes the workload files
# needs: apt-get install strace linux-perf nginx wrk postgresql gcc make; root and a mounted tracefs, for perf's trace points.
# Everything listens on loopback only, runs for a bounded time, and what was started here is ended here, by process id.
set -eu
# A search path of one machine would show in the mix: each missing directory costs a call per program started.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

here=$(cd "$(dirname "$0")" && pwd)
raw=${1:-$(mktemp -d)}
work=$(mktemp -d)
seconds=6
native_seconds=3
pids=""

finish() {
  for pid in $pids; do kill "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap finish EXIT INT TERM

# Nanosecond time stamps, because the calls are shorter than a microsecond; -y names what each descriptor is; -s 0 keeps data out of the log.
tracer() { strace -f -y -s 0 --absolute-timestamps=unix,ns --syscall-times=ns "$@"; }

# Runs beside a native load. Interrupts, kernel threads and TLB shootdowns are the whole machine's: leave it alone meanwhile.
# Everything that all CPUs do for a moment: system calls, task switches, interrupt handlers; not the system calls of perf itself.
# shellcheck disable=SC2016  # the inner shell expands $$, which exec keeps as perf's process id
perf_record() {
  sh -c 'exec perf record -q -a -m 4096 -o "$0" \
    -e raw_syscalls:sys_enter --filter "common_pid != $$" -e raw_syscalls:sys_exit --filter "common_pid != $$" \
    -e sched:sched_switch,irq:irq_handler_entry,irq:irq_handler_exit,irq_vectors:local_timer_entry,irq_vectors:local_timer_exit \
    -- sleep "$1"' "$work/perf.data" "$native_seconds"
}

perf_print() {
  perf script -i "$work/perf.data" --ns -F cpu,tid,comm,time,event,trace >"$raw/$1.perf" 2>"$work/perf.messages"
}

# perf's own cost is measured the same way as everything else: a loop of the cheapest system call, which costs a known time natively.
calibrate() {
  cat >"$work/getppid.c" <<'C'
#include <sys/syscall.h>
#include <unistd.h>
int main(void) { for (int i = 0; i < 20000; i++) syscall(SYS_getppid); return 0; }
C
  gcc -O2 -o "$work/getppid" "$work/getppid.c"
  perf record -q -o "$work/perf.data" -e raw_syscalls:sys_enter,raw_syscalls:sys_exit -- "$work/getppid"
  perf_print getppid
}

native() {
  grep -E '^ *TLB:' /proc/interrupts >"$raw/$1.tlb"
  perf_record
  grep -E '^ *TLB:' /proc/interrupts >>"$raw/$1.tlb"
  perf_print "$1"
}

# nginx with two workers serves a 4 KiB file; the clients pause between requests, so that workers sleep as they do below saturation.
web() {
  mkdir -p "$work/web/logs"
  chmod 755 "$work" "$work/web"
  head -c 4096 /dev/zero >"$work/web/index.html"
  cat >"$work/nginx.conf" <<C
worker_processes 2;
daemon off;
pid $work/nginx.pid;
error_log $work/web/logs/error.log;
events { worker_connections 256; }
http {
  access_log $work/web/logs/access.log;
  client_body_temp_path $work/web/body; proxy_temp_path $work/web/proxy; fastcgi_temp_path $work/web/fastcgi;
  uwsgi_temp_path $work/web/uwsgi; scgi_temp_path $work/web/scgi;
  sendfile on; keepalive_requests 100;
  server { listen 127.0.0.1:18080; root $work/web; }
}
C
  echo 'function delay() return math.random(2, 20) end' >"$work/delay.lua"
  load() { wrk -t 4 -c 32 -d "$1" -s "$work/delay.lua" http://127.0.0.1:18080/index.html >"$raw/web.wrk" & }

  nginx -c "$work/nginx.conf" & pids="$pids $!"; server=$!
  sleep 1; load $((native_seconds + 2)); sleep 1; native web; wait_for_load
  kill "$server"; wait "$server" || true

  tracer -o "$raw/web.strace" nginx -c "$work/nginx.conf" & pids="$pids $!"; server=$!
  sleep 2; load "$seconds"; wait_for_load
  kill "$(cat "$work/nginx.pid")"; wait "$server" || true
}

# PostgreSQL with its default settings under pgbench: four clients, a transaction at a time, each commit waits for the disk.
database() {
  bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
  mkdir -p "$work/database"
  chmod 755 "$work"; chown postgres "$work/database"
  as() { runuser -u postgres -- "$@"; }
  as "$bin/initdb" -D "$work/database/data" >/dev/null
  settings="-p 15432 -k $work/database -c listen_addresses="
  client() { as "$bin/pgbench" -h "$work/database" -p 15432 "$@" postgres; }
  load() { client -n -c 4 -j 2 -T "$1" >"$raw/database.pgbench" 2>&1 & }

  # shellcheck disable=SC2086  # the settings are words
  as "$bin/postgres" -D "$work/database/data" $settings 2>"$work/postgres.messages" & pids="$pids $!"; server=$!
  sleep 2; client -i -q -s 5 >/dev/null 2>&1
  load $((native_seconds + 2)); sleep 1; native database; wait_for_load
  kill -INT "$(head -n 1 "$work/database/data/postmaster.pid")"; wait "$server" || true

  # shellcheck disable=SC2086
  tracer -u postgres -o "$raw/database.strace" "$bin/postgres" -D "$work/database/data" $settings 2>"$work/postgres.messages" & pids="$pids $!"; server=$!
  sleep 4; load "$seconds"; wait_for_load
  kill -INT "$(head -n 1 "$work/database/data/postmaster.pid")"; wait "$server" || true
}

# make compiles forty small C files, as many at a time as there are CPUs: many short processes.
compile() {
  mkdir -p "$work/compile"
  i=0
  while [ $i -lt 40 ]; do
    echo "#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int part_$i(int n) { char *p = malloc(n + 1); int sum = 0; memset(p, $i, n); for (int k = 0; k < n; k++) sum += p[k]; free(p); return printf(\"%d\", sum); }" >"$work/compile/part_$i.c"
    i=$((i + 1))
  done
  printf 'all: $(patsubst %%.c,%%.o,$(wildcard *.c))\n' >"$work/compile/Makefile"
  touch "$work/compile/go"
  (while [ -e "$work/compile/go" ]; do make -s -B -C "$work/compile" -j "$(nproc)"; done) & builder=$!; pids="$pids $builder"
  sleep 1; native compile
  rm "$work/compile/go"; wait "$builder" || true
  tracer -o "$raw/compile.strace" make -s -B -C "$work/compile" -j "$(nproc)"
}

wait_for_load() { wait $!; }

mkdir -p "$raw"
calibrate
web
database
compile
"$here/../../node_modules/.bin/node" "$here/build.ts" "$raw"
echo "raw logs: $raw"
