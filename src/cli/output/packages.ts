import type { SbomView } from '../../control/sbom.ts';
import { columns } from './columns.ts';
import type { Paint } from './paint.ts';
import { count } from './units.ts';

export function packagesText(view: SbomView, paint: Paint): string {
  const { packages } = view;
  if (packages.length === 0)
    return `${view.function}, version ${view.version}, has no published packages that can be told.`;
  return [
    ...columns(
      packages.map(({ ecosystem, name, version, license = '' }) => [ecosystem, name, version, paint('dim', license)]),
    ),
    '',
    packagesLine(view),
    ...adviceLines(view, paint),
  ].join('\n');
}

/** `thumbs, version 3: 23 packages, 1 advisory` */
export const packagesLine = ({ function: name, version, packages, advice }: SbomView): string =>
  `${name}, version ${version}: ${count(packages.length, 'package')}, ${advice.length === 0 ? 'no advisory known about them' : count(advice.length, 'advisory', 'advisories')}`;

export const adviceLines = ({ advice }: SbomView, paint: Paint): string[] =>
  advice.map(({ id, package: of, severity, summary, fixed }) => {
    const grave = severity === 'critical' || severity === 'high';
    const remedy = fixed === undefined ? '' : `; fixed in ${fixed}`;
    return `  ${paint(grave ? 'red' : 'yellow', severity)} ${id}: ${of.name} ${of.version}${remedy} ${paint('dim', summary)}`;
  });
