/** Something with a life that ends with the command: a role's process, the embedded Redis, a temporary directory. */
export interface Supervised {
  readonly name: string;
  /** Orderly end, within a bound of its own. Never rejects. */
  stop(): Promise<void>;
  /** At once and synchronously; called when the process exits without having stopped it. */
  kill(): void;
}

/** What a command has started, ended in the reverse order: what is used outlives those who use it. */
export class Supervisor {
  private readonly started: Supervised[] = [];
  private stopping: Promise<void> | undefined;

  /** To be called before the thing is started, so that a signal during the start ends it too. */
  add<T extends Supervised>(supervised: T): T {
    if (this.stopping) throw new Error(`${supervised.name} was started while everything ends`);
    this.started.push(supervised);
    return supervised;
  }

  get isStopping(): boolean {
    return this.stopping !== undefined;
  }

  /** Stops the last one first, one after another. */
  stop(): Promise<void> {
    this.stopping ??= this.stopInReverse();
    return this.stopping;
  }

  /** For the process's `exit` event: nothing asynchronous happens after it. */
  kill(): void {
    for (const supervised of this.started) supervised.kill();
  }

  private async stopInReverse(): Promise<void> {
    for (const supervised of this.started.toReversed()) await supervised.stop();
  }
}
