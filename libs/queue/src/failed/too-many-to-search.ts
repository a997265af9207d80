/**
 * There are so many failed pushes with the rarest of several terms that comparing them takes too long. Redis answered all the
 * while: whoever asks has to ask for less.
 */
export class TooManyToSearch extends Error {
  override readonly name = 'TooManyToSearch';

  constructor() {
    super('too many failed pushes to compare by several of event, room and device: ask for a shorter time, a cause, or fewer of the three');
  }
}
