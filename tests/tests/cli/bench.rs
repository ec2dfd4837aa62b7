//! `vitro bench`: every row is a measurement with what one has to know to read it.

use serde_json::Value;
use tempfile::TempDir;
use vitro_tests::command::{refused, works};

fn measured(arguments: &str) -> Value {
    let folder = TempDir::new().unwrap();
    let arguments: Vec<&str> = ["bench", "--json"].into_iter().chain(arguments.split(' ')).collect();
    serde_json::from_str(&works(folder.path(), &arguments)).unwrap()
}

fn number(row: &Value, field: &str) -> f64 {
    row[field].as_f64().unwrap_or_else(|| panic!("{field} of {row}"))
}

#[test]
fn a_row_has_a_spread_a_memory_and_a_fraction_that_waited() {
    let report = measured("tap_fan_nano_p8_64+adl --device cpu --batch 1,4 --runs 2 --workers 2,1");
    let rows = report["rows"].as_array().unwrap();
    // Forward of 1 and 4, and training of 4 on noise and on scenes, with one worker and with two.
    assert_eq!(rows.len(), 8);
    for row in rows {
        let times = ["min_ms", "lower_quartile_ms", "median_ms", "upper_quartile_ms", "max_ms"];
        assert!(times.map(|field| number(row, field)).is_sorted() && number(row, "min_ms") > 0.0, "{row}");
        let per_second = number(row, "batch") / number(row, "median_ms") * 1e3;
        assert!((number(row, "images_per_second") / per_second - 1.0).abs() < 1e-9, "{row}");
        let waiting = number(row, "waiting");
        let is_on_scenes = row["input"] == "scenes";
        assert!(if is_on_scenes { waiting > 0.0 && waiting < 1.0 } else { waiting == 0.0 }, "{row}");
        if cfg!(target_os = "linux") {
            assert!(number(row, "peak_memory_mib") > 10.0, "{row}");
        }
    }
    let scaling = report["scaling"].as_array().unwrap();
    assert_eq!(scaling.len(), 4);
    assert!(scaling.iter().all(|computed| (0.0..=1.0).contains(&number(computed, "serial_fraction"))), "{scaling:?}");
    for fact in ["/machine/processor", "/machine/cores", "/build/version", "/build/profile", "/device"] {
        assert!(report.pointer(fact).is_some_and(|fact| !fact.is_null()), "{fact}");
    }
}

/// In one process the second row would report the memory of the first.
#[cfg(target_os = "linux")]
#[test]
fn a_small_row_after_a_large_one_has_its_own_memory() {
    let report = measured("vit_nano_p8_64 --device cpu --work forward --batch 256,1 --runs 1 --workers 1");
    let rows = report["rows"].as_array().unwrap();
    assert!(number(&rows[1], "peak_memory_mib") < number(&rows[0], "peak_memory_mib"), "{rows:?}");
}

#[test]
fn corruptions_are_timed_on_images_that_can_be_kept() {
    let folder = TempDir::new().unwrap();
    let kept = folder.path().join("kept");
    let line = ["bench", "--corruptions", "--json", "--side", "32", "--images", "2", "--keep-images"];
    let text = works(folder.path(), &[&line[..], &[kept.to_str().unwrap()]].concat());
    let report: Value = serde_json::from_str(&text).unwrap();
    let rows = report["rows"].as_array().unwrap();
    let sum: f64 = rows.iter().map(|row| number(row, "median_ms")).sum();
    assert_eq!(rows.len(), vitro::corruption::by_default().count());
    assert!((sum - number(&report, "sum_ms")).abs() < 1e-9);
    assert_eq!(std::fs::read_dir(kept).unwrap().count(), 2);
}

#[test]
fn what_cannot_be_measured_is_refused_in_a_sentence() {
    let folder = TempDir::new().unwrap();
    let refusal = |line: &str| refused(folder.path(), &line.split(' ').collect::<Vec<_>>());
    assert!(refusal("bench vit_nano_p8_46").contains("the nearest is"));
    assert!(refusal("bench --device cpu --work train --batch 1").contains("--batch 2 or more"));
    assert!(refusal("bench --corruptions --severity 9").contains('9'));
}

#[test]
fn a_bench_that_fits_no_machine_is_refused() {
    let folder = TempDir::new().unwrap();
    let bench = |more: &[&str]| refused(folder.path(), &[&["bench", "vit_nano_p4_32"], more].concat());
    for count in ["0", "999999999999"] {
        assert!(bench(&["--batch", count]).contains("take 1 to 4096 images"));
        assert!(bench(&["--classes", count]).contains("take 24 to 100000"));
        assert!(bench(&["--input", "noise", "--classes", count]).contains("take 1 to 100000"));
    }
    assert!(bench(&["--runs", "0"]).contains("at least 1"));
    assert!(refused(folder.path(), &["bench", "vit_nano_p4_3"]).contains("vit_nano_p4_32"));
    let said = works(
        folder.path(),
        &[
            "bench",
            "vit_nano_p4_32",
            "--device",
            "cpu",
            "--batch",
            "1,2",
            "--input",
            "noise",
            "--workers",
            "1",
            "--runs",
            "1",
            "--csv",
        ],
    );
    assert_eq!(said.lines().count(), 4, "{said}");
}
