import type { AttackGraph } from '../../control/findings/attack-graph.ts';
import { severities, type Finding, type Severity } from '../../control/findings/finding.ts';
import { columns } from './columns.ts';
import type { Paint, Style } from './paint.ts';
import { count } from './units.ts';

const styles: Readonly<Record<Severity, Style>> = {
  critical: ['red', 'bold'],
  high: 'red',
  medium: 'yellow',
  low: 'dim',
};

export function findingsText(findings: readonly Finding[], paint: Paint): string {
  if (findings.length === 0) return paint('green', 'Nothing is wrong with who may what, as far as can be told.');
  const lines = findings.flatMap(({ severity, subject, problem, advice, path, kind }) => [
    `${paint(styles[severity], severity)}  ${paint('bold', subject)}: ${problem} ${paint('dim', `(${kind})`)}`,
    ...(path === undefined ? [] : [`    ${pathText(path)}`]),
    `    ${paint('yellow', '→')} ${advice}`,
  ]);
  const counted = severities.flatMap((one) => {
    const found = findings.filter(({ severity }) => severity === one).length;
    return found === 0 ? [] : [`${found} ${one}`];
  });
  return [...lines, '', `${count(findings.length, 'finding')}: ${counted.join(', ')}.`].join('\n');
}

/** `everybody -[GET /hello]→ function/hello` */
function pathText([first = '', ...rest]: readonly string[]): string {
  let text = first;
  for (let at = 0; at < rest.length; at += 2) text += ` -[${rest[at] ?? ''}]→ ${rest[at + 1] ?? ''}`;
  return text;
}

export function graphText({ edges }: AttackGraph, paint: Paint): string {
  const title = paint(['bold', 'underline'], 'who can become whom');
  if (edges.length === 0) return `${title}\n  nobody`;
  return [title, ...columns(edges.map(({ from, by, to }) => [`  ${from}`, `-[${by}]→`, to]))].join('\n');
}
