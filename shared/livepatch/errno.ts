// Error numbers as the kernel returns them and as insmod and sysctl word them.

/** Linux's numbers (include/uapi/asm-generic/errno-base.h, errno.h) and the C library's texts. */
const texts = {
  EPERM: [1, "Operation not permitted"],
  ENOENT: [2, "No such file or directory"],
  EIO: [5, "Input/output error"],
  ENXIO: [6, "No such device or address"],
  ENOEXEC: [8, "Exec format error"],
  EAGAIN: [11, "Resource temporarily unavailable"],
  ENOMEM: [12, "Cannot allocate memory"],
  EACCES: [13, "Permission denied"],
  EFAULT: [14, "Bad address"],
  EBUSY: [16, "Device or resource busy"],
  EEXIST: [17, "File exists"],
  ENODEV: [19, "No such device"],
  EINVAL: [22, "Invalid argument"],
  ENOSPC: [28, "No space left on device"],
  ERANGE: [34, "Numerical result out of range"],
  ENOSYS: [38, "Function not implemented"],
  EOPNOTSUPP: [95, "Operation not supported"],
  ETIMEDOUT: [110, "Connection timed out"],
} as const satisfies Readonly<Record<string, readonly [number, string]>>;

export type ErrorName = keyof typeof texts;

/** 0 for success or a negative error number, as kernel functions return it. */
export type Result = number;

export const failed = (name: ErrorName): Result => -texts[name][0];

/** What a program says about it: the C library's text. */
export const errorText = (result: Result): string =>
  Object.values(texts).find(([number]) => number === -result)?.[1] ?? `Unknown error ${-result}`;
