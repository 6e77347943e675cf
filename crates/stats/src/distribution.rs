//! Quantiles and tails of the distributions used by intervals and tests.

use statrs::distribution::{Beta, Continuous, ContinuousCDF, FisherSnedecor, Normal, StudentsT};

/// The quantile of Student's t: `student(0.975, 10.0)` is 2.228. NaN without degrees of freedom.
pub fn student(p: f64, dof: f64) -> f64 {
    StudentsT::new(0.0, 1.0, dof).map_or(f64::NAN, |t| t.inverse_cdf(p))
}

/// The probability that Student's t is at most `t`, which may be infinite; one half where `t` is not a number, as the
/// ratio of two zeros.
pub fn student_below(t: f64, dof: f64) -> f64 {
    match t {
        t if t.is_nan() => 0.5,
        t if t.is_infinite() => f64::from(u8::from(t > 0.0)),
        t => StudentsT::new(0.0, 1.0, dof).map_or(f64::NAN, |law| law.cdf(t)),
    }
}

/// The probability that Student's t exceeds `t`.
pub fn student_tail(t: f64, dof: f64) -> f64 {
    StudentsT::new(0.0, 1.0, dof).map_or(f64::NAN, |law| law.sf(t))
}

/// The quantile of the F distribution with these degrees of freedom of numerator and denominator.
pub fn fisher(p: f64, numerator: f64, denominator: f64) -> f64 {
    FisherSnedecor::new(numerator, denominator).map_or(f64::NAN, |f| f.inverse_cdf(p))
}

/// The probability that F with these degrees of freedom exceeds `f`.
pub fn fisher_tail(f: f64, numerator: f64, denominator: f64) -> f64 {
    FisherSnedecor::new(numerator, denominator).map_or(f64::NAN, |law| law.sf(f))
}

/// The exact interval of a proportion, given `hits` in `n` trials (Clopper & Pearson 1934, Biometrika 26).
pub fn binomial_interval(hits: u64, n: u64, confidence: f64) -> (f64, f64) {
    let (k, n, tail) = (hits as f64, n as f64, (1.0 - confidence) / 2.0);
    let quantile = |a: f64, b: f64, p: f64| Beta::new(a, b).ok().map(|beta| beta.inverse_cdf(p));
    // The beta distribution does not exist at the ends, and the interval includes them.
    let low = quantile(k, n - k + 1.0, tail).unwrap_or(0.0);
    let high = quantile(k + 1.0, n - k, 1.0 - tail).unwrap_or(1.0);
    (low, high)
}

/// The quantile of the standard normal distribution.
pub fn normal(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p)
}

/// The probability that a standard normal variable is at most `x`.
pub fn normal_below(x: f64) -> f64 {
    Normal::standard().cdf(x)
}

/// The density of the standard normal distribution.
pub fn normal_density(x: f64) -> f64 {
    Normal::standard().pdf(x)
}

/// φ(x)/(1 − Φ(x)), the mean of a standard normal variable known to exceed `x`; by its asymptotic series far out.
pub fn mills(x: f64) -> f64 {
    if x > 25.0 { x + 1.0 / x } else { normal_density(x) / normal_below(-x) }
}

/// The mean of the largest of `count` standard normal variables: 1.163, 1.538, 1.867 for 5, 10, 20.
///
/// The best of `count` equal points looks better than it is by this many standard errors (the winner's curse).
pub fn largest_of(count: usize) -> f64 {
    if count < 2 {
        return 0.0;
    }
    // The mean of the maximum is ∫ x · n φ(x) Φ(x)ⁿ⁻¹ dx, which is smooth enough for a plain sum.
    let (steps, reach) = (2000, 9.0);
    let step = 2.0 * reach / f64::from(steps);
    let n = count as f64;
    (0..=steps)
        .map(|index| -reach + f64::from(index) * step)
        .map(|x| x * n * normal_density(x) * normal_below(x).powf(n - 1.0) * step)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64, tolerance: f64) {
        assert!((a - b).abs() <= tolerance, "{a} is not {b}");
    }

    #[test]
    fn binomial_intervals_are_those_of_the_tables() {
        // scipy.stats.binomtest(2, 20).proportion_ci(0.95, "exact")
        let (low, high) = binomial_interval(2, 20, 0.95);
        assert!((low - 0.012348527).abs() < 1e-7 && (high - 0.316982714).abs() < 1e-7, "{low} {high}");
        let (low, high) = binomial_interval(0, 20, 0.95);
        assert!(low == 0.0 && (high - 0.168433471).abs() < 1e-7, "{high}");
        assert_eq!(binomial_interval(20, 20, 0.95).1, 1.0);
    }

    #[test]
    fn quantiles_are_those_of_printed_tables() {
        close(student(0.975, 10.0), 2.228_139, 2e-6);
        close(student(0.95, 3.0), 2.353_363, 2e-6);
        close(2.0 * student_tail(2.228_139, 10.0), 0.05, 1e-7);
        close(fisher(0.95, 1.0, 10.0), 4.964_603, 2e-5);
        close(fisher_tail(4.964_603, 1.0, 10.0), 0.05, 1e-6);
        close(normal(0.975), 1.959_964, 2e-6);
        close(normal_below(1.0), 0.841_345, 1e-6);
        close(mills(0.0), (2.0 / std::f64::consts::PI).sqrt(), 1e-9);
        assert!(student(0.975, 0.0).is_nan());
    }

    #[test]
    fn the_largest_of_many_lies_where_order_statistics_say() {
        for (count, mean) in
            [(1, 0.0), (2, 0.5642), (5, 1.163), (10, 1.538), (20, 1.867), (50, 2.249), (100, 2.508)]
        {
            close(largest_of(count), mean, 1e-3);
        }
    }
}
