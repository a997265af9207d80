import * as fc from 'fast-check';
import { z } from 'zod';
import { APNS_BODY, FCM_BODY } from '../notify-bodies';
import { AnswerReader } from './answer-reader';
import { SERIAL_PLACEHOLDER } from './load-protocol';
import { RequestTemplate } from './request-template';

const requestSchema = z.object({
  notification: z.object({ event_id: z.string(), devices: z.array(z.object({ pushkey: z.string() })) }),
});

describe('RequestTemplate', () => {
  const url = new URL('http://127.0.0.1:1234/_matrix/push/v1/notify');

  it.each([
    ['apns', APNS_BODY, 44],
    ['fcm', FCM_BODY, 163],
  ])('makes a whole request of the %s body, with its number in event and pushkey', (_, body, pushkeyLength) => {
    const request = new RequestTemplate(url, body).withSerial(4711).toString('utf8');
    const [head = '', content = ''] = request.split('\r\n\r\n');
    expect(head.split('\r\n')[0]).toBe('POST /_matrix/push/v1/notify HTTP/1.1');
    expect(head).toContain(`Content-Length: ${content.length}`);
    const { notification } = requestSchema.parse(JSON.parse(content));
    expect(notification.event_id).toMatch(/^\$000000004711.{31}$/);
    expect(notification.devices[0]?.pushkey).toContain('000000004711');
    expect(notification.devices[0]?.pushkey).toHaveLength(pushkeyLength);
    expect(request).not.toContain(SERIAL_PLACEHOLDER);
  });

  it('makes another one each time', () => {
    const template = new RequestTemplate(url, APNS_BODY);
    const first = template.withSerial(999).toString('utf8');
    expect(template.withSerial(1000).toString('utf8')).toBe(first.replaceAll('000000000999', '000000001000'));
  });
});

describe('AnswerReader', () => {
  const head = ['HTTP/1.1 503 Service Unavailable', 'Content-Type: application/json', 'content-length: 15'];
  const answer = `${head.join('\r\n')}\r\n\r\n{"rejected":[]}`;

  it('reads the status once the answer is complete, however it is cut into pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: answer.length - 1 }), { maxLength: 5 }), (cuts) => {
        const reader = new AnswerReader();
        const borders = [0, ...[...new Set(cuts)].sort((a, b) => a - b), answer.length];
        const seen = borders.slice(1).map((end, index) => reader.read(Buffer.from(answer.slice(borders[index], end))));
        expect(seen.pop()).toBe(503);
        expect(seen.every((status) => status === undefined)).toBe(true);
        expect(reader.read(Buffer.from(answer))).toBe(503); // and is ready for the next
      }),
    );
  });

  it('does not guess where an answer without a length ends', () => {
    expect(() => new AnswerReader().read(Buffer.from('HTTP/1.1 200 OK\r\n\r\n'))).toThrow('content-length');
  });
});
