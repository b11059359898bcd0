/** Names for what the API says. The shapes themselves are generated (schema.ts). */
import type { components } from './schema';

type S = components['schemas'];

export type Picture = S['Picture'];
export type Delta = S['Delta'];
export type Clock = S['Clock'];
export type ClockAction = S['ClockAction'];
export type City = S['City'];
export type Call = S['Call'];
export type UnitOnCall = S['UnitOnCall'];
export type Unit = S['Unit'];
export type Area = S['Area'];
export type AreaFacts = S['AreaFacts'];
export type AreaDetail = S['AreaDetail'];
export type CallDetail = S['CallDetail'];
export type Plan = S['Plan'];
export type Choice = S['Choice'];
export type Uncovered = S['Uncovered'];
export type Alarm = S['Alarm'];
export type AlarmAction = S['AlarmAction'];
export type Change = S['Change'];
export type UnitRow = S['UnitRow'];
export type NumberNow = S['Number'];
export type Sentence = S['Sentence'];
export type Band = S['Band'];
export type Hour = S['Hour'];
export type PastHour = S['PastHour'];
export type TrackRecord = S['Record'];
export type Forecast = S['Forecast'];
export type Ribbon = S['Ribbon'];
export type Station = S['Station'];
export type Hospital = S['Hospital'];
export type FeedState = S['FeedState'];
export type Problem = S['Problem'];
export type StatusName = Unit['status'];
export type Phase = Call['phase'];
export type Mode = Clock['mode'];
