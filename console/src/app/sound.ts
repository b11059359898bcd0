/** Two sounds, made here: a tone for level 1, one chime for level 2. */

let context: AudioContext | null = null;

function note(audio: AudioContext, hz: number, at: number, long: number): void {
  const gain = audio.createGain();
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(0.16, at + 0.01);
  gain.gain.exponentialRampToValueAtTime(0.001, at + long);
  gain.connect(audio.destination);
  const tone = audio.createOscillator();
  tone.frequency.value = hz;
  tone.connect(gain);
  tone.start(at);
  tone.stop(at + long);
}

/** Browsers keep quiet until a person has touched the page; then this is silent too. */
export function chime(urgent: boolean): void {
  context ??= new AudioContext();
  if (context.state === 'suspended') void context.resume();
  const at = context.currentTime;
  if (!urgent) return note(context, 660, at, 0.6);
  for (let i = 0; i < 3; i += 1) {
    note(context, 880, at + i * 0.5, 0.22);
    note(context, 698, at + i * 0.5 + 0.22, 0.24);
  }
}
