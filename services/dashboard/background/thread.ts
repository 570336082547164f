// The page's side of its threads: an order and the promise of its answer. Who no longer wants the answer ends the thread, not the order.
import type { Answer, Order, Ordered, Read, Simulated } from "./orders.ts";

export class Thread {
  private readonly worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  private readonly waiting = new Map<number, PromiseWithResolvers<Simulated | Read>>();
  private next = 0;

  constructor() {
    this.worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
      const waiting = this.waiting.get(data.id);
      this.waiting.delete(data.id);
      if ("error" in data) waiting?.reject(new Error(data.error));
      else waiting?.resolve(data.result);
    });
    this.worker.addEventListener("error", ({ message }) => {
      for (const { reject } of this.waiting.values()) reject(new Error(message || "the thread of this page could not start"));
      this.waiting.clear();
    });
  }

  simulate(header: Extract<Order, { do: "simulate" }>["header"]): Promise<Simulated> {
    return this.ask({ do: "simulate", header }) as Promise<Simulated>;
  }

  read(url: string, violations: Extract<Order, { do: "read" }>["violations"]): Promise<Read> {
    return this.ask({ do: "read", url, violations }) as Promise<Read>;
  }

  end(): void {
    this.worker.terminate();
  }

  private ask(order: Order): Promise<Simulated | Read> {
    const id = this.next++;
    const answer = Promise.withResolvers<Simulated | Read>();
    this.waiting.set(id, answer);
    this.worker.postMessage({ id, order } satisfies Ordered);
    return answer.promise;
  }
}
