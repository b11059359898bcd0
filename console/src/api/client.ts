/** The API of a desk, one function a route. */
import { ask, post } from './http';
import type {
  AfterAction,
  Alarm,
  AlarmAction,
  AreaDetail,
  Branch,
  BranchBegin,
  CallDetail,
  City,
  Clock,
  ClockAction,
  CoverLate,
  Exercise,
  ExerciseBegin,
  ExerciseOptions,
  Forecast,
  Inject,
  InjectNote,
  MoveOrder,
  MoveUp,
  PlanOrder,
  Warning,
  WarningOrder,
  WhatIf,
  WhatIfQuestion,
  WholeRecord,
} from './types';

export { Failed } from './http';

const id = encodeURIComponent;

const CITY = '/api';
const EXERCISES = '/api/exercises';
/** Where the desk that this page shows answers: the city's own, or an exercise's. The one place that knows it. */
let base = CITY;

/** Talk to an exercise's desk from here on; null: to the city's. A page does so once, when it opens. */
export function talkTo(exercise: string | null): void {
  base = exercise === null ? CITY : `${EXERCISES}/${id(exercise)}`;
}

/** An address of the desk that this page shows. */
export const atDesk = (path: string): string => base + path;

/** An order to the desk that this page shows. No other address takes one while an exercise is open. */
const order = <T>(path: string, body: unknown): Promise<T> => post(atDesk(path), body);

export const getCity = (): Promise<City> => ask(atDesk('/city'));
export const getClock = (): Promise<Clock> => ask(atDesk('/clock'));
export const getCall = (call: string): Promise<CallDetail> => ask(atDesk(`/calls/${id(call)}`));
export const getArea = (area: string): Promise<AreaDetail> => ask(atDesk(`/areas/${id(area)}`));
/** The whole city's forecast, or an area's. */
export const getForecast = (area: string | null): Promise<Forecast> =>
  ask(atDesk(area === null ? '/forecast' : `/forecast/${id(area)}`));
export const getRecord = (): Promise<WholeRecord> => ask(atDesk('/record'));
/** Expected late calls of the next hour. */
export const getCover = (): Promise<CoverLate> => ask(atDesk('/cover'));
export const setClock = (action: ClockAction): Promise<Clock> => order('/clock', action);
export const actOnAlarm = (alarm: string, action: AlarmAction): Promise<unknown> => order(`/alarms/${id(alarm)}`, action);
export const orderWarning = (warning: string, given: WarningOrder): Promise<Warning> => order(`/warnings/${id(warning)}`, given);
export const orderPlan = (call: string, given: PlanOrder): Promise<CallDetail> => order(`/calls/${id(call)}/plan`, given);
export const orderMove = (move: string, given: MoveOrder): Promise<MoveUp> => order(`/moves/${id(move)}`, given);
/** A question: nothing is kept. */
export const askWhatIf = (question: WhatIfQuestion): Promise<WhatIf> => order('/what-if', question);
export const streamUrl = (): string => atDesk('/stream');

// Exercises themselves, whichever desk this page shows.

export const getExerciseOptions = (): Promise<ExerciseOptions> => ask('/api/exercise-options');
export const listExercises = (): Promise<Exercise[]> => ask(EXERCISES);
export const getExercise = (exercise: string): Promise<Exercise> => ask(`${EXERCISES}/${id(exercise)}`);
export const listInjects = (exercise: string): Promise<Inject[]> => ask(`${EXERCISES}/${id(exercise)}/injects`);
export const listBranches = (exercise: string): Promise<Branch[]> => ask(`${EXERCISES}/${id(exercise)}/branches`);
export const getAfterAction = (exercise: string): Promise<AfterAction> => ask(`${EXERCISES}/${id(exercise)}/after-action`);
export const afterActionPage = (exercise: string): string => `${EXERCISES}/${id(exercise)}/after-action.html`;
/** Sets up a log, a world and a desk of its own: some seconds. */
export const beginExercise = (begin: ExerciseBegin): Promise<Exercise> => post(EXERCISES, begin);
export const endExercise = (exercise: string): Promise<Exercise> => post(`${EXERCISES}/${id(exercise)}`, { action: 'end' });
export const noteInject = (exercise: string, inject: string, note: InjectNote): Promise<Inject> =>
  post(`${EXERCISES}/${id(exercise)}/injects/${id(inject)}`, note);
export const branchExercise = (exercise: string, branch: BranchBegin): Promise<Branch> =>
  post(`${EXERCISES}/${id(exercise)}/branches`, branch);

// The real city, read beside an exercise. Nothing is ever written there.

export const getRealAlarms = (): Promise<Alarm[]> => ask(`${CITY}/alarms`);
export const getRealClock = (): Promise<Clock> => ask(`${CITY}/clock`);
