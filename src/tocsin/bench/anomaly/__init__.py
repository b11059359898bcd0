"""`tocsin bench anomaly`: detectors of anomalies side by side, by the rules of the Numenta Anomaly Benchmark."""
