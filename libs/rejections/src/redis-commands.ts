type Argument = string | number;

/** What this library needs of a connection: to one server, through Sentinels, or to a Cluster. */
export interface RedisCommands {
  evalsha(sha: string, numberOfKeys: number, ...args: Argument[]): Promise<unknown>;
  eval(lua: string, numberOfKeys: number, ...args: Argument[]): Promise<unknown>;
  hgetall(key: string): Promise<Record<string, string>>;
  get(key: string): Promise<string | null>;
  set(key: string, value: string, condition: 'NX'): Promise<unknown>;
}
