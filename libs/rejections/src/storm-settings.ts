/** When an app's rejections count as a storm, and what is done with their verdicts. See ADR 0011. */
export interface StormSettings {
  /** How far back answers are looked at, in milliseconds. */
  readonly windowMs: number;
  /** Devices that must have been rejected before anything trips: for reasons that speak of the device. */
  readonly floor: number;
  /** The same for suspect ones, which a mistake of our own would cause as well. */
  readonly suspectFloor: number;
  /** Share of the rejections in all answers that trips at the least; 0 to 1. */
  readonly share: number;
  readonly suspectShare: number;
  /** How many times the app's own usual share it must be as well. */
  readonly factor: number;
  /** The look at apps whose answers are too few for `floor` in `windowMs`. Absent: there is none. */
  readonly slow?: SlowLook | undefined;
  /** How long verdicts that look genuine are held before they are told, in milliseconds. */
  readonly holdForMs: number;
  /** How many verdicts are told in a minute then. */
  readonly releasePerMinute: number;
  /** How long the push of a held verdict waits before the provider is asked again, in milliseconds; see probe-delay.ts. */
  readonly retryMs: number;
  /** How long a rejection is told, in milliseconds. */
  readonly ttlMs: number;
}

/** Judges the latest devices of an app whatever its rate, each once, for reasons that a mistake of ours would cause too. */
export interface SlowLook {
  /** Devices that must have been rejected for such a reason. */
  readonly floor: number;
  /** Their share of all devices that were judged which must be passed; 0 to 1. */
  readonly share: number;
  /** How far back devices are remembered, in milliseconds. */
  readonly windowMs: number;
}
