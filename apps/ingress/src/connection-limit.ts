import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { sourceKey } from '@reveille/role';

/** Bounds the connections of all servers of this process together. */
export interface ConnectionLimit {
  readonly watch: (server: Server) => void;
  readonly open: () => number;
}

/** How many times what is left free one address may have: alone four fifths, as the load balancer that it may be. */
const SHARE_OF_FREE = 4;

/**
 * A connection too many is closed at once. One peer (not the address that it forwards) may have four times as many as are
 * left free, so that one that opens all it can leaves room for others.
 */
export function createConnectionLimit(max: number, onRefused: () => void): ConnectionLimit {
  const byPeer = new Map<string, number>();
  let open = 0;
  const admit = (socket: Socket): void => {
    const peer = sourceKey(socket.remoteAddress ?? '');
    const ofPeer = (byPeer.get(peer) ?? 0) + 1;
    open++;
    byPeer.set(peer, ofPeer);
    socket.once('close', () => {
      open--;
      const left = (byPeer.get(peer) ?? 1) - 1;
      if (left > 0) byPeer.set(peer, left);
      else byPeer.delete(peer);
    });
    const free = max - open;
    // Where so few are allowed that shares mean nothing, the first one of a peer always has its place.
    if (free >= 0 && (ofPeer === 1 || ofPeer <= SHARE_OF_FREE * (free + 1))) return;
    onRefused();
    socket.destroy();
  };
  return {
    watch: (server) => server.on('connection', admit),
    open: () => open,
  };
}
