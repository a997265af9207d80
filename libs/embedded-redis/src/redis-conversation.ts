import { connect } from 'node:net';

export interface ConversationOptions {
  readonly port: number;
  readonly password?: string;
  readonly timeoutMs: number;
}

/**
 * Asks the server on loopback who it is and returns its process id, or undefined when none answers in time.
 * Our child's id and no other: on a port that was taken in between, another Redis would answer a PING just as well.
 */
export function askProcessId(options: ConversationOptions): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: options.port });
    let answer = '';
    const finish = (processId?: number): void => {
      socket.destroy();
      resolve(processId);
    };
    socket.setEncoding('utf8').setTimeout(options.timeoutMs, () => finish());
    socket.once('error', () => finish());
    socket.once('close', () => finish());
    socket.once('connect', () => {
      socket.write(`${options.password === undefined ? '' : `AUTH ${options.password}\r\n`}INFO server\r\nPING\r\n`);
    });
    socket.on('data', (chunk: string) => {
      answer += chunk;
      if (!answer.includes('+PONG')) return;
      const id = /process_id:(\d+)/.exec(answer)?.[1];
      finish(id === undefined ? undefined : Number(id));
    });
  });
}
