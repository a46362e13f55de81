/** What the graph of who can become whom says that somebody should know. Pure. */
import type { Holder } from '../review/holders.ts';
import { administrator, everybody, shortestPath, steps, type AttackGraph, type Edge } from './attack-graph.ts';
import type { Finding } from './finding.ts';

export function escalations(graph: AttackGraph, holders: readonly Holder[]): Finding[] {
  const direct = new Set(
    graph.edges.flatMap(({ from, to, by }) => (to === administrator && by === 'may do everything' ? [from] : [])),
  );
  const entries = graph.edges.filter(({ from }) => from === everybody);
  return [
    ...entryPaths(graph, entries),
    ...holders.flatMap(({ name }) => (direct.has(name) ? [] : ownPath(graph, name))),
    ...graph.edges.flatMap((edge) => codeOfAnother(edge, graph)),
  ];
}

/** One for each function that everybody reaches and from which the way leads on to everything. */
function entryPaths(graph: AttackGraph, entries: readonly Edge[]): Finding[] {
  const reached = new Map(entries.map((edge) => [edge.to, edge]));
  return [...reached].flatMap(([name, entry]) => {
    const onwards = shortestPath(graph, name, administrator);
    if (onwards === undefined) return [];
    return [
      {
        severity: 'critical',
        kind: 'public-to-administrator',
        subject: name,
        problem: 'everybody reaches it, and whoever takes it over gets everything',
        advice:
          'Break the path: take the permission of its last step away, or give the function a role of its own without it.',
        path: steps([entry, ...onwards]),
      } as const,
    ];
  });
}

function ownPath(graph: AttackGraph, name: string): Finding[] {
  const path = shortestPath(graph, name, administrator);
  if (path === undefined) return [];
  // A deployer is meant to deploy: that this is as good as everything is worth knowing, and no more.
  const isDeployer = path.length === 1 && path[0]?.by.startsWith('mayfly:Deploy') === true;
  return [
    {
      severity: isDeployer ? 'low' : 'high',
      kind: isDeployer ? 'deployer' : 'escalation',
      subject: name,
      problem: isDeployer
        ? 'may deploy, and so give a function any permission'
        : 'can give itself everything, though it is no administrator',
      advice:
        'Take the permission of the last step away, or bound it by a permissions boundary or the limits of the account.',
      path: steps(path),
    },
  ];
}

/** A function that can put its own code into another, or be another's role, is not kept apart from it. */
function codeOfAnother(edge: Edge, graph: AttackGraph): Finding[] {
  if (!edge.from.startsWith('function/') || edge.to === administrator || edge.by === 'has the role') return [];
  if (shortestPath(graph, edge.from, administrator) !== undefined) return [];
  return [
    {
      severity: 'medium',
      kind: 'becomes-another',
      subject: edge.from,
      problem: `can act as ${edge.to}`,
      advice: 'Take the permission away, unless that is what it is for.',
      path: steps([edge]),
    },
  ];
}
