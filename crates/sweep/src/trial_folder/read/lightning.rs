//! `metrics.csv` of Lightning's CSV logger: one column per metric, empty if a row has none.

use super::Report;

/// The reports in the file from row `from` on, and its number of rows.
pub fn read(text: &str, from: usize) -> (Vec<Report>, usize) {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let Ok(names) = reader.headers().cloned() else { return (Vec::new(), 0) };
    let mut rows = 0;
    let mut reports = Vec::new();
    // A row that is still being written is read when it is whole.
    for row in reader.records().map_while(Result::ok).filter(|row| row.len() == names.len()) {
        rows += 1;
        if rows > from {
            let mut reading = Report::default();
            for (name, field) in names.iter().zip(&row) {
                if let Ok(number) = field.trim().parse() {
                    reading.put(name, number);
                }
            }
            reports.extend(reading.some());
        }
    }
    (reports, rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As PyTorch Lightning 2 wrote it.
    const FILE: &str = "epoch,step,train_loss,val_loss
0,1,0.9421238899230957,
0,3,0.7738593220710754,
0,3,,1.0207741260528564
1,5,0.7491110563278198,
";

    #[test]
    fn rows_are_told_once_and_empty_fields_are_no_metrics() {
        let (reports, rows) = read(FILE, 0);
        assert_eq!((reports.len(), rows), (4, 4));
        assert_eq!((reports[2].step, reports[2].epoch), (Some(3), Some(0.0)));
        assert_eq!(reports[2].metrics, [("val_loss".to_owned(), 1.0207741260528564)].into());
        let longer = format!("{FILE}1,7,0.7,");
        assert_eq!(read(&longer, rows).0.len(), 1);
        assert_eq!(read(&format!("{FILE}1,7"), rows), (Vec::new(), 4));
        assert_eq!(read("", 0), (Vec::new(), 0));
    }
}
