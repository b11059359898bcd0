/** The selected call's plan: choices as thick lines with their time at the start, the runner-up dashed beside. */
import type { Choice } from '../../api/types';
import { placeOf, placesOf, type Place } from '../geometry';
import type { MapInput } from '../types';
import { planOf } from './areas';
import { line, minutesText, point, sayOn, type LineFeature, type PointFeature } from './features';

interface Way {
  choice: Choice;
  path: Place[];
  runnerUp: boolean;
}

/** Ways of the plan of the selected call. A choice that has no road is drawn straight from where the unit is. */
export function suggestedWays(input: MapInput): Way[] {
  const plan = planOf(input);
  if (plan === null) return [];
  const ways = plan.choices.map((choice) => ({ choice, path: pathOf(choice, input), runnerUp: false }));
  const second = plan.runner_up;
  if (second !== null) ways.push({ choice: second, path: pathOf(second, input), runnerUp: true });
  return ways.filter(({ path }) => path.length > 1);
}

function pathOf(choice: Choice, input: MapInput): Place[] {
  const path = placesOf(choice.path);
  if (path.length > 1) return path;
  const from = placeOf(input.picture.units.find(({ unit }) => unit === choice.unit)?.place);
  const to = placeOf(input.detail?.call.place);
  return from !== null && to !== null ? [from, to] : [];
}

export function suggestionFeatures(input: MapInput): (LineFeature | PointFeature)[] {
  const ways = suggestedWays(input);
  const lines = ways.map(({ choice, path, runnerUp }) =>
    line(path, { kind: runnerUp ? 'runner-up' : 'choice', id: choice.unit, o: 1 }),
  );
  return [...lines, ...startLabels(ways, sayOn(input, 'map.runner_up'))];
}

/** Times stand at the start of the ways; those that start at one place share one label, a line each. */
function startLabels(ways: readonly Way[], second: string): PointFeature[] {
  const groups = new Map<string, { place: Place; id: string; lines: string[] }>();
  for (const { choice, path, runnerUp } of ways) {
    const place = path[0] as Place;
    const key = place.map((value) => value.toFixed(3)).join();
    const group = groups.get(key) ?? { place, id: choice.unit, lines: [] };
    group.lines.push(`${choice.unit}  ${minutesText(choice.eta_s)}${runnerUp ? ` ${second}` : ''}`);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ place, id, lines }) =>
    point(place, { kind: 'time', id, label: lines.join('\n'), o: 1 }),
  );
}
