// A network on one machine: sites in network namespaces of their own, each joined to the hub by a link that can be cut and made lossy.
//
// The hub is the namespace of the process that builds the network: started by `inHub`, it has one of its own, and nothing of the machine's
// own network is touched. Namespaces have no names and live as long as a process is in them. Each site is held by a shell that ends
// when the hub's process does, even by SIGKILL: so there is nothing to clean up.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";

/** Where the hub can be reached from everywhere. */
export const hubAddress = "10.0.0.1";

const sitesLimit = 250;

const run = (command: string, ...args: readonly string[]): string => execFileSync(command, args, { encoding: "utf8", stdio: "pipe" });

/** What starts a program in a new hub. */
export const inHub: readonly string[] = ["unshare", "--net"];

/** Why this machine cannot have such networks; undefined if it can. */
export const labProblem = (): string | undefined => {
  if (process.getuid?.() !== 0) return "network namespaces need root";
  try {
    run("unshare", "--net", "ip", "link", "add", "one", "type", "veth", "peer", "name", "other");
    run("nsenter", "--version");
    run(
      "unshare",
      "--net",
      "iptables",
      "--append",
      "INPUT",
      "--match",
      "statistic",
      "--mode",
      "random",
      "--probability",
      "0.5",
      "--jump",
      "DROP",
    );
    return undefined;
  } catch (error) {
    return `this machine lets nobody make network namespaces: ${String(error).trim()}`;
  }
};

export interface Site {
  /** To be put before a command that is to run in the site; the process keeps its id. */
  readonly within: readonly string[];
  /** Nothing passes from now on; who sends hears nothing of it. */
  readonly cut: () => void;
  readonly heal: () => void;
  /** Drops so many of 100 packets that the site sends to the hub, at random. */
  readonly lose: (percent: number) => void;
}

/** Holds a namespace for as long as this process lives. */
const held = async (): Promise<ChildProcess> => {
  const script = "exec 3<&0; echo here; read -r _ <&3";
  const shell = spawn("unshare", ["--net", "sh", "-c", script], { detached: true, stdio: ["pipe", "pipe", "inherit"] });
  await Promise.race([once(shell.stdout, "data"), once(shell, "error").then(([error]) => Promise.reject(error))]);
  return shell;
};

const join = async (number: number): Promise<Site & { readonly leave: () => void }> => {
  const holder = await held();
  const link = `site${number}`;
  const within = ["nsenter", `--net=/proc/${holder.pid}/ns/net`];
  const inside = (...args: readonly string[]): string => run("nsenter", ...within.slice(1), "ip", ...args);
  run("ip", "link", "add", link, "type", "veth", "peer", "name", "uplink", "netns", String(holder.pid));
  run("ip", "address", "add", `10.0.${number}.1/24`, "dev", link);
  run("ip", "link", "set", link, "up");
  inside("link", "set", "lo", "up");
  inside("address", "add", `10.0.${number}.2/24`, "dev", "uplink");
  inside("link", "set", "uplink", "up");
  inside("route", "add", "default", "via", `10.0.${number}.1`);
  return {
    within,
    cut: () => void run("ip", "link", "set", link, "down"),
    heal: () => void run("ip", "link", "set", link, "up"),
    lose: (percent) =>
      void run(
        "iptables",
        ...["--append", "INPUT", "--in-interface", link, "--match", "statistic", "--mode", "random"],
        ...["--probability", String(percent / 100), "--jump", "DROP"],
      ),
    leave: () => holder.stdin?.end(),
  };
};

export interface Lab {
  readonly sites: readonly Site[];
  /** Packets that were dropped by now. */
  readonly lost: () => number;
  /** Lets the sites go; also the end of this process does. */
  readonly end: () => void;
}

/** Builds a network with so many sites round the hub in which this process is; `through` it they reach each other. */
export const buildLab = async (count: number, { through = false } = {}): Promise<Lab> => {
  if (!(count >= 1 && count <= sitesLimit)) throw new Error(`a network has 1 to ${sitesLimit} sites, not ${count}`);
  run("ip", "link", "set", "lo", "up");
  run("ip", "address", "add", `${hubAddress}/32`, "dev", "lo");
  if (through) writeFileSync("/proc/sys/net/ipv4/ip_forward", "1");
  const sites: Array<Awaited<ReturnType<typeof join>>> = [];
  for (let number = 1; number <= count; number++) sites.push(await join(number));
  return {
    sites,
    lost: () => {
      const rules = run("iptables", "--list", "INPUT", "--verbose", "--numeric", "--exact").split("\n");
      return rules.reduce((sum, line) => sum + Number(/^\s*(\d+)\s.*\bDROP\b/.exec(line)?.[1] ?? 0), 0);
    },
    end: () => {
      for (const { leave } of sites) leave();
    },
  };
};
