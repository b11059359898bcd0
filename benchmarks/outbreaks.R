# Runs R's package `surveillance` on the series that benchmarks/outbreaks.py made: Rscript outbreaks.R IN.json OUT.json
# IN: list of {counts, start, freq, by_date, population, first, farrington {...}, ears [{method, min_sigma}]}.
# OUT: the same order; upper bound, expected, p, score, alarm of each step from `first` (1-based) on; NA as null.

suppressPackageStartupMessages({
  library(surveillance)
  library(jsonlite)
})

paths <- commandArgs(trailingOnly = TRUE)
series <- fromJSON(paths[1], simplifyVector = TRUE, simplifyDataFrame = FALSE)

as_sts <- function(one) {
  observed <- matrix(as.numeric(one$counts), ncol = 1)
  given <- list(observed = observed, frequency = one$freq)
  if (!is.null(one$population)) given$population <- matrix(as.numeric(one$population), ncol = 1)
  if (isTRUE(one$by_date)) {
    step <- if (one$freq == 52) 7 else 1
    given$epoch <- as.numeric(as.Date(one$start)) + step * (seq_len(nrow(observed)) - 1)
    given$epochAsDate <- TRUE
  }
  do.call(sts, given)
}

run_farrington <- function(one) {
  asked <- one$farrington
  asked$range <- one$first:length(one$counts)
  asked$limit54 <- as.numeric(asked$limit54)
  asked$glmWarnings <- FALSE
  out <- suppressWarnings(farringtonFlexible(as_sts(one), control = asked))
  list(upper = as.vector(upperbound(out)), expected = as.vector(out@control$expected),
       p = as.vector(out@control$pvalue), score = as.vector(out@control$score),
       alarm = as.vector(out@alarm))
}

run_ears <- function(one, asked) {
  asked$range <- one$first:length(one$counts)
  out <- earsC(as_sts(one), control = asked)
  list(upper = as.vector(upperbound(out)), alarm = as.vector(out@alarm))
}

done <- lapply(series, function(one) {
  list(farrington = run_farrington(one), ears = lapply(one$ears, function(asked) run_ears(one, asked)))
})
about <- list(surveillance = as.character(packageVersion("surveillance")), R = R.version.string)
write(toJSON(list(about = about, series = done), digits = NA, na = "null", auto_unbox = TRUE), paths[2])
