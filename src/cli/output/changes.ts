/** What a deployment changed, as lines: `+ function hello  version 1, 12.4 kB`. */
import type { Change } from '../../manifest/deployment.ts';
import { columns } from './columns.ts';
import type { Paint, Style } from './paint.ts';

const marks: Readonly<Record<Change['action'], { mark: string; style: Style }>> = {
  created: { mark: '+', style: 'green' },
  updated: { mark: '~', style: 'yellow' },
  unchanged: { mark: '=', style: 'dim' },
  removed: { mark: '-', style: 'red' },
};

export function changeLines(changes: readonly Change[], paint: Paint): string[] {
  return columns(
    changes.map(({ what, name, action, detail }) => {
      const { mark, style } = marks[action];
      return [
        paint(style, `  ${mark} ${what}`),
        action === 'unchanged' ? paint('dim', name) : paint('bold', name),
        paint('dim', detail),
      ];
    }),
  );
}

/** `2 created, 1 updated`; `nothing changed`. */
export function changeSummary(changes: readonly Change[]): string {
  const parts = (['created', 'updated', 'removed'] as const).flatMap((action) => {
    const number = changes.filter((change) => change.action === action).length;
    return number === 0 ? [] : [`${number} ${action}`];
  });
  return parts.length === 0 ? 'nothing changed' : parts.join(', ');
}

/** Where to call each function, once each. */
export function urlLines(changes: readonly Change[], paint: Paint): string[] {
  const rows = changes.flatMap(({ name, urls, action }) =>
    action === 'removed' ? [] : (urls ?? []).map((url) => ({ name, url })),
  );
  return columns(
    rows.map(({ name, url }, index) => [
      rows[index - 1]?.name === name ? '' : `  ${name}`,
      paint(['cyan', 'underline'], url),
    ]),
  );
}
