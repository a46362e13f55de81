/** How long an idle environment is kept: as its function's calls are expected, or always so long. */
import { keepWarmMsMax } from '../../registry/settings.ts';
import { duration } from '../shape/duration.ts';
import { refusal, type Shape } from '../shape/shape.ts';

const time = duration({ minMs: 0, maxMs: keepWarmMsMax });
const accepts = `predicted, or ${time.accepts}`;

export const keepWarm: Shape<'predicted' | number> = {
  schema: { anyOf: [{ const: 'predicted' }, time.schema] },
  accepts,
  read(found, report) {
    if (found.kind === 'scalar' && found.value === 'predicted') return 'predicted';
    return time.read(found, (at) => report(at, refusal(found, accepts)));
  },
};
