//! Sets of measurements of the same thing.

use std::time::Duration;

/// Measurements in one unit.
#[derive(Debug, Clone, Default)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    pub(crate) fn push(&mut self, figure: f64) {
        self.0.push(figure);
    }

    /// Adds a time in milliseconds.
    pub(crate) fn push_time(&mut self, time: Duration) {
        self.push(time.as_secs_f64() * 1000.0);
    }

    /// The middle one, or the mean of the two in the middle; 0 without any.
    pub(crate) fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        match sorted.as_slice() {
            [] => 0.0,
            s if s.len() % 2 == 1 => s[middle],
            s => f64::midpoint(s[middle - 1], s[middle]),
        }
    }

    pub(crate) fn min(&self) -> f64 {
        self.0.iter().copied().min_by(f64::total_cmp).unwrap_or(0.0)
    }

    pub(crate) fn max(&self) -> f64 {
        self.0.iter().copied().max_by(f64::total_cmp).unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        let samples = |list: &[f64]| Samples(list.to_vec());
        assert_eq!(samples(&[]).median(), 0.0);
        assert_eq!(samples(&[3.0, 1.0, 2.0]).median(), 2.0);
        assert_eq!(samples(&[4.0, 1.0, 2.0, 3.0]).median(), 2.5);
        assert_eq!((samples(&[4.0, 1.0]).min(), samples(&[4.0, 1.0]).max()), (1.0, 4.0));
        let mut one = Samples::default();
        one.push_time(Duration::from_micros(1500));
        assert_eq!(one.median(), 1.5);
    }
}
