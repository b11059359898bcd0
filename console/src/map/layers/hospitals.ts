/** Hospitals, with the number of units that stand there now. */
import { placeOf } from '../geometry';
import type { MapInput } from '../types';
import { point, type PointFeature } from './features';

export function hospitalFeatures(input: MapInput): PointFeature[] {
  if (!input.layers.hospitals) return [];
  const counts = new Map(input.picture.hospitals.map(({ hospital, units }) => [hospital, units]));
  return input.city.hospitals.flatMap((hospital) => {
    const place = placeOf(hospital.place);
    const count = counts.get(hospital.hospital) ?? 0;
    // One without an emergency department is drawn only while units stand there.
    if (place === null || (!hospital.emergency && count === 0)) return [];
    const icon = hospital.emergency ? 'hospital' : 'hospital-other';
    const label = count > 0 ? String(count) : '';
    return [point(place, { kind: 'hospital', id: hospital.hospital, icon, label, o: 1 })];
  });
}
