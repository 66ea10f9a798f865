//! The table as it must be: made by a deployment, and by tests.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, TimeToLiveSpecification,
};
use ledger::LedgerError;

use super::failure::{store, trouble};
use super::item::{EXPIRES, FIGURE, INDEXES, PARTITION, SORT, index};

/// The one index that shows a number beside the keys: how much is undone in each lane.
const SHOWS_FIGURES: usize = 2;

/// Makes the table with its indexes, on demand. It is there, and empty, when this returns.
pub(super) async fn create(client: &Client, table: &str) -> Result<(), LedgerError> {
    let wrong =
        |error: aws_sdk_dynamodb::error::BuildError| store("make the table", error.to_string());
    let key = |name: &str, of: KeyType| {
        KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(of)
            .build()
            .map_err(wrong)
    };
    let text = |name: &str| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .map_err(wrong)
    };
    let mut create = client
        .create_table()
        .table_name(table)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(text(PARTITION)?)
        .attribute_definitions(text(SORT)?)
        .key_schema(key(PARTITION, KeyType::Hash)?)
        .key_schema(key(SORT, KeyType::Range)?);
    for which in 1..=INDEXES {
        let [name, list, place] = index(which);
        // Keys alone: what changes beside them writes nothing here, and whoever is listed is read where it stands.
        let projection = match which {
            SHOWS_FIGURES => Projection::builder()
                .projection_type(ProjectionType::Include)
                .non_key_attributes(FIGURE),
            _ => Projection::builder().projection_type(ProjectionType::KeysOnly),
        };
        let of = GlobalSecondaryIndex::builder()
            .index_name(name)
            .key_schema(key(&list, KeyType::Hash)?)
            .key_schema(key(&place, KeyType::Range)?)
            .projection(projection.build())
            .build()
            .map_err(wrong)?;
        create = create
            .attribute_definitions(text(&list)?)
            .attribute_definitions(text(&place)?)
            .global_secondary_indexes(of);
    }
    create
        .send()
        .await
        .map_err(|error| trouble("make the table", &error))?;
    let life = TimeToLiveSpecification::builder()
        .enabled(true)
        .attribute_name(EXPIRES)
        .build()
        .map_err(wrong)?;
    client
        .update_time_to_live()
        .table_name(table)
        .time_to_live_specification(life)
        .send()
        .await
        .map_err(|error| trouble("let records of the table expire", &error))?;
    Ok(())
}
