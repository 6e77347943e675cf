//! What the methods rest on: the works that a report cites.

use maud::{Markup, html};

/// A work that is cited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Smoothing splines.
    Wahba,
    /// Variances that groups share.
    Smyth,
    /// The corrected information criterion.
    Hurvich,
    /// Errors that scatter widens.
    Wedderburn,
    /// The best learning rate over lengths of training.
    Bjorck,
    /// The noise scale, the critical batch size and the ridge.
    McCandlish,
    /// Steps to a target over batch sizes.
    Shallue,
    /// Censored samples.
    Tobin,
    /// Multiple comparisons with the best.
    Hsu,
    /// The correction of many tests.
    Holm,
    /// Two one-sided tests.
    Schuirmann,
    /// The penalised likelihood.
    Firth,
    /// The jackknife.
    Miller,
    /// The exact interval of a share.
    Clopper,
    /// The analysis of variance over hyperparameters.
    Hutter,
    /// The same of a polynomial.
    Sudret,
    /// The all-reduce by a ring.
    Patarasuk,
}

/// How the text names each work, author and year, and its entry in the list.
const WORKS: &[(Source, &str, &str)] = &[
    (Source::Wahba, "Wahba 1990", "G. Wahba. Spline models for observational data. SIAM, 1990: chapter 1."),
    (
        Source::Smyth,
        "Smyth 2004",
        "G. K. Smyth. Linear models and empirical Bayes methods for assessing differential expression in microarray \
         experiments. Statistical Applications in Genetics and Molecular Biology 3(1), 2004.",
    ),
    (
        Source::Hurvich,
        "Hurvich and Tsai 1989",
        "C. M. Hurvich and C.-L. Tsai. Regression and time series model selection in small samples. Biometrika 76(2), \
         1989.",
    ),
    (
        Source::Wedderburn,
        "Wedderburn 1974",
        "R. W. M. Wedderburn. Quasi-likelihood functions, generalized linear models, and the Gauss–Newton method. \
         Biometrika 61(3), 1974.",
    ),
    (
        Source::Bjorck,
        "Bjorck et al. 2025",
        "J. Bjorck, A. Benhaim, V. Chaudhary, F. Wei and X. Song. Scaling optimal LR across token horizons. ICLR 2025.",
    ),
    (
        Source::McCandlish,
        "McCandlish et al. 2018",
        "S. McCandlish, J. Kaplan, D. Amodei et al. An empirical model of large-batch training. arXiv:1812.06162, 2018: \
         equations 2.6, 2.9 and 2.11.",
    ),
    (
        Source::Shallue,
        "Shallue et al. 2019",
        "C. J. Shallue et al. Measuring the effects of data parallelism on neural network training. Journal of Machine \
         Learning Research 20(112), 2019.",
    ),
    (
        Source::Tobin,
        "Tobin 1958",
        "J. Tobin. Estimation of relationships for limited dependent variables. Econometrica 26(1), 1958.",
    ),
    (
        Source::Hsu,
        "Hsu 1984",
        "J. C. Hsu. Constrained simultaneous confidence intervals for multiple comparisons with the best. Annals of \
         Statistics 12(3), 1984.",
    ),
    (
        Source::Holm,
        "Holm 1979",
        "S. Holm. A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6(2), 1979.",
    ),
    (
        Source::Schuirmann,
        "Schuirmann 1987",
        "D. J. Schuirmann. A comparison of the two one-sided tests procedure and the power approach. Journal of \
         Pharmacokinetics and Biopharmaceutics 15(6), 1987.",
    ),
    (
        Source::Firth,
        "Firth 1993",
        "D. Firth. Bias reduction of maximum likelihood estimates. Biometrika 80(1), 1993.",
    ),
    (Source::Miller, "Miller 1974", "R. G. Miller. The jackknife – a review. Biometrika 61(1), 1974."),
    (
        Source::Clopper,
        "Clopper and Pearson 1934",
        "C. J. Clopper and E. S. Pearson. The use of confidence or fiducial limits illustrated in the case of the \
         binomial. Biometrika 26(4), 1934.",
    ),
    (
        Source::Hutter,
        "Hutter et al. 2014",
        "F. Hutter, H. Hoos and K. Leyton-Brown. An efficient approach for assessing hyperparameter importance. ICML \
         2014.",
    ),
    (
        Source::Sudret,
        "Sudret 2008",
        "B. Sudret. Global sensitivity analysis using polynomial chaos expansions. Reliability Engineering & System \
         Safety 93(7), 2008.",
    ),
    (
        Source::Patarasuk,
        "Patarasuk and Yuan 2009",
        "P. Patarasuk and X. Yuan. Bandwidth optimal all-reduce algorithms for clusters of workstations. Journal of \
         Parallel and Distributed Computing 69(2), 2009.",
    ),
];

impl Source {
    /// How the text names it: author and year.
    pub fn cited(self) -> &'static str {
        self.work().0
    }

    fn entry(self) -> &'static str {
        self.work().1
    }

    fn work(self) -> (&'static str, &'static str) {
        let own = WORKS.iter().find(|(source, ..)| *source == self);
        own.map_or_else(Default::default, |(_, cited, entry)| (*cited, *entry))
    }
}

/// The list of the works cited.
pub fn list(cited: &[Source]) -> Markup {
    let mut works = cited.to_vec();
    works.sort_by_key(|work| work.cited());
    works.dedup();
    html! {
        @if !works.is_empty() {
            h3 { "Sources" }
            ul { @for work in works { li { (work.entry()) } } }
        }
    }
}
