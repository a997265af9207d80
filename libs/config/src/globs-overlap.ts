import { isGlob } from './app-routes';
import { formatPath, type PlacedProblem } from './config-problem';
import { isRecord } from './is-record';

/** Globs that have app ids in common: no one of the two serves those, and their pushkeys would be rejected. */
export function overlappingGlobs({ apps }: Readonly<Record<string, unknown>>): readonly PlacedProblem[] {
  if (!isRecord(apps)) return [];
  const globs = Object.keys(apps).filter(isGlob);
  return globs.flatMap((glob, index) => {
    const other = globs.slice(0, index).find((before) => globsOverlap(before, glob));
    if (other === undefined) return [];
    const path = ['apps', glob];
    const message = `and \`apps.${other}\` match some of the same app ids: an app id that both match, and that has no entry of its own, is served by neither`;
    return [{ path, problem: { path: formatPath(path), found: 'a glob', message, example: 'an entry for each app id, or globs that start differently' } }];
  });
}

/** Whether there is an app id that both globs match: such an app id is served by neither. */
export function globsOverlap(one: string, other: string): boolean {
  // reachable[j]: what has been read of `one` and the first j of `other` match a common text.
  let reachable = step([true, ...Array.from(other, () => false)], other, undefined);
  for (const unit of one.split('')) reachable = step(reachable, other, unit);
  return reachable[other.length] === true;
}

/** The row after `unit` of the other glob; without one, the row before the first. */
function step(before: readonly boolean[], glob: string, unit: string | undefined): boolean[] {
  const isRead = (index: number): boolean => unit !== undefined && before[index] === true;
  const row: boolean[] = [unit === undefined ? before[0] === true : unit === '*' && isRead(0)];
  for (const [index, own] of glob.split('').entries()) {
    const mayStand = own === '*' || unit === '*'; // for nothing, or for what the other glob says
    const isNext = isRead(index) && meets(unit, own);
    row.push(isNext || (mayStand && (row[index] === true || isRead(index + 1))));
  }
  return row;
}

function meets(one: string | undefined, other: string): boolean {
  return one !== undefined && (one === other || '*?'.includes(one) || '*?'.includes(other));
}
