import { createServer } from 'node:http';
import { Redis } from 'ioredis';
import { listenOnLoopback } from './listen-on-loopback';
import { serveCalls } from './serve-calls';

/**
 * The limit of ingress: the least that any gateway on Node could do that parses its requests and acknowledges only what
 * Redis has confirmed. No validation, no duplicates, no rejections, no log, no metrics.
 *
 * Argument: the URL of Redis.
 */
const KEY = 'bare';
const ANSWER = '{"rejected":[]}';

const redis = new Redis(process.argv[2] ?? '');

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => (body += chunk));
  request.on('end', () => {
    JSON.parse(body);
    redis.lpush(KEY, body).then(
      () => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': ANSWER.length });
        response.end(ANSWER);
      },
      () => response.writeHead(503, { 'content-length': 0 }).end(),
    );
  });
});

void listenOnLoopback(server).then((port) => serveCalls({ urls: { http: `http://127.0.0.1:${port}` } }, () => null));
