import type { SimulatorCommand } from './command';
import type { Service } from './wire';

interface Entry {
  readonly command: SimulatorCommand;
  /** Infinity: until cleared. */
  remaining: number;
}

/**
 * The commands in force. One for the pushkey wins over one for everybody; among these, those with `times` come first, in
 * the order in which they were given, then the latest of those until cleared.
 */
export class CommandBook {
  readonly #everybody: Entry[] = [];
  readonly #byPushkey = new Map<string, Entry[]>();

  add(command: SimulatorCommand): void {
    const entries = this.#entriesFor(command.pushkey);
    if (command.times !== undefined) {
      entries.push({ command, remaining: command.times });
      return;
    }
    const replaced = entries.findIndex(
      (entry) => entry.remaining === Infinity && entry.command.provider === command.provider,
    );
    if (replaced >= 0) entries.splice(replaced, 1);
    entries.push({ command, remaining: Infinity });
  }

  clear(): void {
    this.#everybody.length = 0;
    this.#byPushkey.clear();
  }

  /** The command that answers this request, used up by one; undefined: answer as usual. */
  take(provider: Service['provider'], pushkey: string): SimulatorCommand | undefined {
    // Most requests meet no command at all: two look-ups at most.
    if (this.#byPushkey.size > 0) {
      const own = this.#byPushkey.get(pushkey);
      const command = own && takeFrom(own, provider);
      if (own?.length === 0) this.#byPushkey.delete(pushkey);
      if (command) return command;
    }
    return this.#everybody.length > 0 ? takeFrom(this.#everybody, provider) : undefined;
  }

  #entriesFor(pushkey: string | undefined): Entry[] {
    if (pushkey === undefined) return this.#everybody;
    const entries = this.#byPushkey.get(pushkey) ?? [];
    this.#byPushkey.set(pushkey, entries);
    return entries;
  }
}

function takeFrom(entries: Entry[], provider: Service['provider']): SimulatorCommand | undefined {
  const fits = ({ command }: Entry) => (command.provider ?? (provider === 'token' ? 'neither' : provider)) === provider;
  const limited = entries.findIndex((entry) => entry.remaining !== Infinity && fits(entry));
  const entry = limited >= 0 ? entries[limited] : entries.findLast(fits);
  if (!entry) return undefined;
  entry.remaining -= 1;
  if (entry.remaining === 0) entries.splice(limited, 1);
  return entry.command;
}
