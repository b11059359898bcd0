/** What the shell and the map say to each other. */
import type { CallDetail, City, Picture, Unit } from '../api/types';
import type { Lang } from '../texts';

/** A unit's estimated way. */
export type Movement = NonNullable<Unit['movement']>;

export type SelectionType = 'call' | 'unit' | 'area' | 'station' | 'hospital' | 'warning' | 'move';

export interface Selection {
  type: SelectionType;
  id: string;
}

export interface LayerSwitches {
  calls: boolean;
  units: boolean;
  stations: boolean;
  hospitals: boolean;
  areas: boolean;
  uncovered: boolean;
  streets: boolean;
}

export type Theme = 'dark' | 'light';

/** What tints the areas: calls expected, late calls expected, share covered, what the choice uncovers, or nothing. */
export type AreaLayer = 'expected' | 'late' | 'cover' | 'uncovers' | 'none';

export interface MapInput {
  city: City;
  picture: Picture;
  selection: Selection | null;
  layers: LayerSwitches;
  theme: Theme;
  /** The picture has stopped: draw it grey. */
  stale: boolean;
  /** Detail of the selected call, for the ways of its suggested units. */
  detail: CallDetail | null;
  /** The desk's time now, running on between pictures. */
  nowMs(): number;
  areaLayer: AreaLayer;
  /** Late calls expected in the next hour by area, of the kind that the layer shows. */
  late?: ReadonlyMap<string, number> | null;
  /** The move-up that is selected: its way is drawn strong, its runner-up beside it. */
  move?: string | null;
  reducedMotion: boolean;
  /** Exact places shown now, since somebody opened them. */
  opened?: readonly { subject: string; place: [number, number] }[];
  /** Language of the words on the map; English without. */
  lang?: Lang;
}

export interface Drawn {
  calls: number;
  units: number;
  areas: number;
}

export interface CityMap {
  update(input: MapInput): void;
  fit(): void;
  flyTo(pos: [number, number]): void;
  zoom(by: number): void;
  pan(dx: number, dy: number): void;
  /** What stands in the middle of the map. */
  centre(): [number, number];
  /** Counted from rendered features. */
  drawn(): Drawn;
  /** Resolved after the first idle map. */
  readonly ready: Promise<void>;
  destroy(): void;
}

export interface MapEvents {
  /** What was pressed, and where. */
  select(s: Selection | null, place: [number, number]): void;
  hover?(s: Selection | null): void;
}
