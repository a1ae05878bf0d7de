/** Counts alerts and failures of detections for the metrics. */
import type { Alert } from '../../alert.ts';
import type { GaugeReading } from '../../watch/telemetry/gauge-readings.ts';

export interface AlertCounts {
  raised(alert: Alert): void;
  /** Observations that were not counted. */
  lost(observations: number): void;
  fault(): void;
  readings(): readonly GaugeReading[];
}

/** Most detections counted by name: those of a few sets of policies. */
const namesMax = 200;
const otherName = '_OTHER';

export function createAlertCounts(): AlertCounts {
  const byName = new Map<string, { readonly severity: string; raised: number; heldBack: number }>();
  let lost = 0;
  let faults = 0;
  return {
    raised({ detection, severity, heldBack }) {
      const name = byName.has(detection) || byName.size < namesMax ? detection : otherName;
      const one = byName.get(name) ?? { severity, raised: 0, heldBack: 0 };
      byName.set(name, one);
      one.raised += 1;
      one.heldBack += heldBack;
    },
    lost(observations) {
      lost += observations;
    },
    fault() {
      faults += 1;
    },
    readings: () => [
      ...[...byName].flatMap(([detection, { severity, raised, heldBack }]) => [
        total('gateway.detection.alerts', 'Alerts that detections raised.', raised, {
          detection,
          severity,
        }),
        total(
          'gateway.detection.held_back',
          'Alerts held back for there were too many.',
          heldBack,
          {
            detection,
          },
        ),
      ]),
      total('gateway.detection.lost', 'What was met and could not be counted.', lost),
      total('gateway.detection.faults', 'Faults of the gateway itself in detections.', faults),
    ],
  };
}

const total = (
  name: string,
  description: string,
  value: number,
  attributes: Record<string, string> = {},
): GaugeReading => ({ name, description, unit: '1', value, attributes, isTotal: true });
