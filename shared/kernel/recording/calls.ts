// What a log does not say about a system call: whether it may sleep, whether a signal can end that sleep, and what follows.
import type { Descriptor } from "./strace.ts";

export type Sleep = "interruptible" | "uninterruptible";

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter((word) => word !== ""));

/** Calls that wait for an event: a signal, real or fake, wakes them. */
const waiting = words(`
  epoll_wait epoll_pwait epoll_pwait2 poll ppoll select pselect6 nanosleep clock_nanosleep pause rt_sigsuspend rt_sigtimedwait
  wait4 waitid futex futex_waitv accept accept4 connect recvfrom recvmsg recvmmsg sendto sendmsg sendmmsg flock
  semop semtimedop msgrcv msgsnd mq_timedsend mq_timedreceive io_getevents io_pgetevents io_uring_enter restart_syscall`);

/** Calls that wait for a disk or a lock of the kernel, or for the child of a vfork (which clone and clone3 can be too): no signal ends that. */
const disk = words(`
  fsync fdatasync sync syncfs sync_file_range msync fallocate ftruncate truncate pread64 pwrite64 preadv pwritev preadv2 pwritev2
  open openat openat2 creat close stat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat getdents getdents64
  unlink unlinkat rename renameat renameat2 mkdir mkdirat rmdir link linkat symlink symlinkat chmod fchmod chown fchown utimensat
  execve execveat mmap munmap mprotect madvise mremap brk vfork clone clone3 exit exit_group`);

/** Calls whose sleep depends on what the descriptor is: a file means a disk, anything else an event. */
const either = words("read readv write writev sendfile splice tee copy_file_range ioctl fcntl");

/** How a call sleeps when it does, or undefined if it never does. */
export const sleepOf = (name: string, descriptor: Descriptor): Sleep | undefined => {
  if (waiting.has(name)) return "interruptible";
  if (disk.has(name)) return "uninterruptible";
  if (either.has(name)) return descriptor === "file" ? "uninterruptible" : "interruptible";
  return undefined;
};

/**
 * Calls that fail with EINTR even if no handler ran, which is what a fake signal looks like (signal(7), "Interruption of system
 * calls and library functions by stop signals"). The kernel restarts every other call by itself: poll, select, nanosleep and
 * pause too, though they fail with EINTR after a handler.
 */
const failing = words("epoll_wait epoll_pwait epoll_pwait2 semop semtimedop rt_sigtimedwait io_getevents io_pgetevents io_uring_enter");

export const restartsOf = (name: string): boolean => !failing.has(name);

/** Calls that cost a few hundred nanoseconds whatever their arguments: what strace makes of them is what strace itself costs. */
export const trivial = words(`
  getpid getppid gettid getuid geteuid getgid getegid getpgrp getpgid getsid umask lseek rt_sigaction rt_sigprocmask sigaltstack
  set_robust_list set_tid_address rseq arch_prctl prlimit64 fcntl dup dup2 alarm setitimer times sched_getaffinity epoll_ctl setsockopt getsockopt getsockname prctl
  fstat newfstatat`);
