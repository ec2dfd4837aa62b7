//! Whether evaluations side by side were made under the same conditions.

use vitro::protocol::{NOT_RECORDED, Protocol};

use super::results::Evaluation;

/// In what the protocols differ from that of the first one that has any, a sentence for each evaluation that does.
pub fn remarks(evaluations: &[Evaluation]) -> Vec<String> {
    let mut first: Option<(&str, &Protocol)> = None;
    let mut remarks = Vec::new();
    for Evaluation { name, protocol, .. } in evaluations {
        let Some(protocol) = protocol else {
            remarks.push(format!("The protocol of {name} is {NOT_RECORDED}; `vitro eval` records it."));
            continue;
        };
        let Some((other, theirs)) = first else {
            first = Some((name.as_str(), protocol));
            continue;
        };
        let differences: Vec<String> = theirs.differences(protocol).iter().map(ToString::to_string).collect();
        if !differences.is_empty() {
            remarks.push(format!("The protocols of {other} and {name} differ: {}.", differences.join("; ")));
        }
    }
    remarks
}

#[cfg(test)]
mod tests {
    use vitro::image::Preprocess;
    use vitro::protocol::Split;

    use super::*;

    fn measured(name: &str, dataset: Option<&str>) -> Evaluation {
        let protocol = dataset.map(|dataset| Protocol {
            dataset: dataset.into(),
            split: Split::Test,
            images: 5,
            preprocess: Preprocess::imagenet(32),
            corruption: None,
        });
        Evaluation { name: name.into(), protocol, ..Evaluation::default() }
    }

    #[test]
    fn what_differs_or_is_not_known_is_said_and_nothing_else() {
        assert!(remarks(&[measured("a", Some("x")), measured("b", Some("x"))]).is_empty());
        let said = remarks(&[measured("old", None), measured("a", Some("x")), measured("b", Some("y"))]);
        assert_eq!(said.len(), 2);
        assert!(said[0].contains("old is not recorded"), "{said:?}");
        assert!(said[1].contains("a and b differ: data: x / y"), "{said:?}");
    }
}
