import type { Storm } from '@reveille/rejections';

/** One storm, and what an operator may do about it. */
export function stormBlock(app: string, storm: Storm): string {
  const reasons = Object.entries(storm.reasons)
    .toSorted(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${reason} ${count}`);
  return [
    app,
    `  since      ${new Date(storm.since).toISOString()}, ${storm.state}`,
    `  reasons    ${reasons.join(', ')}`,
    `  share      ${percent(storm.share)} of all answers were rejections; usual are ${percent(storm.baseline)}`,
    `  held       ${storm.held} rejections that no homeserver is told (${storm.told} had been told before)`,
    `  probed     ${storm.probed} asked again, ${storm.acceptedAgain} of them accepted`,
    `  next       ${nextStep(app, storm)}`,
    '',
  ].join('\n');
}

function nextStep(app: string, { state, needsOperator }: Storm): string {
  if (state === 'releasing') return `they proved true and are told little by little; to stop that: reveille storms discard ${app}`;
  const decide = `a mistake of ours (topic, sandbox): reveille storms discard ${app}; devices that are gone: reveille storms release ${app}`;
  return needsOperator ? `waits for you. ${decide}` : `goes on by itself. ${decide}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
