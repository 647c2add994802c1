use std::sync::Mutex as StdMutex;

use super::*;

const TENANT: Uuid = Uuid::from_u128(0x11);
const OTHER: Uuid = Uuid::from_u128(0x22);
const PLACE: Place = Place {
    tenant: TENANT,
    table: "enterprises",
    row: Uuid::from_u128(5),
    column: "id_number",
};
const SECRET: &[u8] = b"130922198001011234";

/// Keys kept in a list, as the table keeps them.
#[derive(Default)]
struct Shelf {
    keys: StdMutex<Vec<(Uuid, WrappedKey)>>,
    away: StdMutex<bool>,
}

#[async_trait]
impl TenantKeys for Shelf {
    async fn load(&self, tenant: Uuid) -> Result<Vec<WrappedKey>, SealError> {
        if *self.away.lock().expect("lock") {
            return Err(SealError::Unavailable("away".to_owned()));
        }
        let keys = self.keys.lock().expect("lock");
        Ok(keys
            .iter()
            .filter(|(owner, _)| *owner == tenant)
            .map(|(_, key)| key.clone())
            .collect())
    }

    async fn create(&self, tenant: Uuid, key: WrappedKey) -> Result<(), SealError> {
        let mut keys = self.keys.lock().expect("lock");
        if !keys
            .iter()
            .any(|(owner, known)| *owner == tenant && known.id == key.id)
        {
            keys.push((tenant, key));
        }
        Ok(())
    }
}

fn master(byte: u8) -> Keys {
    Keys {
        master: Key::from_bytes([byte; 32]),
        previous_masters: vec![],
        pepper: Key::from_bytes([0xee; 32]),
        tokens: Key::from_bytes([0xdd; 32]),
    }
}

fn settings(suite: Suite) -> SealSettings {
    SealSettings {
        suite,
        fresh_for: Duration::ZERO,
        settle: Duration::ZERO,
    }
}

async fn sealer_on(shelf: &Arc<Shelf>, suite: Suite) -> VaultSealer {
    let sealer = VaultSealer::new(&master(1), shelf.clone(), settings(suite));
    sealer.ready(TENANT).await.expect("ready");
    sealer
}

async fn sealer(suite: Suite) -> VaultSealer {
    sealer_on(&Arc::default(), suite).await
}

#[tokio::test]
async fn a_sealed_value_opens_at_its_place_and_shows_nothing() {
    for suite in [Suite::Aes, Suite::ShangMi] {
        let sealer = sealer(suite).await;
        let sealed = sealer.seal(&PLACE, SECRET).expect("sealed");
        assert_eq!(sealer.open(&PLACE, &sealed).expect("opens"), SECRET);
        assert_eq!(sealed[0], suite.version());
        assert_eq!(sealed.len(), 1 + 4 + 12 + SECRET.len() + 16);
        assert!(!sealed.windows(6).any(|part| part == &SECRET[..6]));
        assert_ne!(
            sealed,
            sealer.seal(&PLACE, SECRET).expect("sealed"),
            "each seal is different"
        );
        let empty = sealer.seal(&PLACE, b"").expect("sealed");
        assert_eq!(sealer.open(&PLACE, &empty).expect("opens"), b"");
    }
}

#[tokio::test]
async fn a_value_changed_in_any_bit_or_cut_short_does_not_open() {
    for suite in [Suite::Aes, Suite::ShangMi] {
        let sealer = sealer(suite).await;
        let sealed = sealer.seal(&PLACE, SECRET).expect("sealed");
        for at in 0..sealed.len() {
            for bit in 0..8 {
                let mut changed = sealed.clone();
                changed[at] ^= 1 << bit;
                assert!(
                    sealer.open(&PLACE, &changed).is_err(),
                    "byte {at} bit {bit}"
                );
            }
            assert!(sealer.open(&PLACE, &sealed[..at]).is_err(), "cut at {at}");
        }
    }
}

#[tokio::test]
async fn a_value_moved_to_another_row_column_or_table_does_not_open() {
    let sealer = sealer(Suite::Aes).await;
    let sealed = sealer.seal(&PLACE, SECRET).expect("sealed");
    for moved in [
        Place {
            row: Uuid::from_u128(6),
            ..PLACE
        },
        Place {
            column: "legal_representative",
            ..PLACE
        },
        Place {
            table: "people",
            ..PLACE
        },
    ] {
        assert_eq!(sealer.open(&moved, &sealed), Err(SealError::Broken));
    }
}

#[tokio::test]
async fn a_value_does_not_open_for_another_tenant() {
    let sealer = sealer(Suite::Aes).await;
    sealer.ready(OTHER).await.expect("ready");
    let sealed = sealer.seal(&PLACE, SECRET).expect("sealed");
    assert_eq!(
        sealer.open(
            &Place {
                tenant: OTHER,
                ..PLACE
            },
            &sealed
        ),
        Err(SealError::Broken)
    );
}

#[tokio::test]
async fn a_wrapped_key_stored_under_another_tenant_does_not_open() {
    let shelf = Arc::new(Shelf::default());
    sealer_on(&shelf, Suite::Aes).await;
    let stolen = shelf.keys.lock().expect("lock")[0].1.clone();
    shelf.create(OTHER, stolen).await.expect("stored");
    let sealer = sealer_on(&shelf, Suite::Aes).await;
    assert_eq!(sealer.ready(OTHER).await, Err(SealError::WrongMasterKey));
}

#[tokio::test]
async fn nothing_is_sealed_before_the_keys_are_ready() {
    let sealer = VaultSealer::new(
        &master(1),
        Arc::new(Shelf::default()),
        SealSettings::default(),
    );
    assert_eq!(sealer.seal(&PLACE, SECRET), Err(SealError::NotReady));
    assert_eq!(
        sealer.blind_index(TENANT, "phone", "1"),
        Err(SealError::NotReady)
    );
}

#[tokio::test]
async fn a_restart_opens_what_was_sealed_and_another_master_key_does_not() {
    let shelf = Arc::new(Shelf::default());
    let sealed = sealer_on(&shelf, Suite::Aes)
        .await
        .seal(&PLACE, SECRET)
        .expect("sealed");
    let again = sealer_on(&shelf, Suite::Aes).await;
    assert_eq!(again.open(&PLACE, &sealed).expect("opens"), SECRET);
    let stranger = VaultSealer::new(&master(2), shelf.clone(), SealSettings::default());
    assert_eq!(stranger.ready(TENANT).await, Err(SealError::WrongMasterKey));
    let heir = Keys {
        previous_masters: vec![Key::from_bytes([1; 32])],
        ..master(2)
    };
    let heir = VaultSealer::new(&heir, shelf, SealSettings::default());
    heir.ready(TENANT)
        .await
        .expect("the earlier master key still opens");
    assert_eq!(heir.open(&PLACE, &sealed).expect("opens"), SECRET);
}

#[tokio::test]
async fn after_rotation_old_values_open_new_ones_use_the_new_key_and_look_up_still_works() {
    let shelf = Arc::new(Shelf::default());
    let sealer = sealer_on(&shelf, Suite::Aes).await;
    let old = sealer.seal(&PLACE, SECRET).expect("sealed");
    let index = sealer
        .blind_index(TENANT, "id_number", "130")
        .expect("index");
    let national = sealer_on(&shelf, Suite::ShangMi).await;
    national.rotate(TENANT).await.expect("rotated");
    assert_eq!(national.open(&PLACE, &old).expect("opens"), SECRET);
    let new = national
        .reseal(&PLACE, &old)
        .expect("resealed")
        .expect("was old");
    assert_eq!(head(&new), Some((2, 2)));
    assert_eq!(national.open(&PLACE, &new).expect("opens"), SECRET);
    assert_eq!(national.reseal(&PLACE, &new), Ok(None));
    assert_eq!(national.blind_index(TENANT, "id_number", "130"), Ok(index));
    assert_eq!(sealer.open(&PLACE, &new), Err(SealError::UnknownKey));
    sealer.ready(TENANT).await.expect("refreshed");
    assert_eq!(sealer.open(&PLACE, &new).expect("opens"), SECRET);
}

#[tokio::test]
async fn a_new_key_seals_only_after_every_instance_can_know_it() {
    let patient = SealSettings {
        settle: Duration::from_hours(1),
        ..settings(Suite::Aes)
    };
    let sealer = VaultSealer::new(&master(1), Arc::new(Shelf::default()), patient);
    sealer.ready(TENANT).await.expect("ready");
    sealer.rotate(TENANT).await.expect("rotated");
    let sealed = sealer.seal(&PLACE, SECRET).expect("sealed");
    assert_eq!(head(&sealed), Some((1, 1)));
}

#[tokio::test]
async fn two_instances_that_meet_a_new_tenant_agree_on_its_key() {
    let shelf = Arc::new(Shelf::default());
    let one = VaultSealer::new(&master(1), shelf.clone(), SealSettings::default());
    let two = VaultSealer::new(&master(1), shelf.clone(), SealSettings::default());
    let (first, second) = tokio::join!(one.ready(TENANT), two.ready(TENANT));
    assert_eq!((first, second), (Ok(()), Ok(())));
    let sealed = one.seal(&PLACE, SECRET).expect("sealed");
    assert_eq!(two.open(&PLACE, &sealed).expect("opens"), SECRET);
    assert_eq!(shelf.keys.lock().expect("lock").len(), 1);
}

#[tokio::test]
async fn known_keys_stay_in_use_while_the_key_store_is_away() {
    let shelf = Arc::new(Shelf::default());
    let sealer = sealer_on(&shelf, Suite::Aes).await;
    *shelf.away.lock().expect("lock") = true;
    assert_eq!(sealer.ready(TENANT).await, Ok(()));
    assert!(sealer.seal(&PLACE, SECRET).is_ok());
    assert!(matches!(
        sealer.ready(OTHER).await,
        Err(SealError::Unavailable(_))
    ));
}

#[tokio::test]
async fn a_blind_index_is_the_same_for_one_tenant_and_purpose_only() {
    let sealer = sealer(Suite::Aes).await;
    sealer.ready(OTHER).await.expect("ready");
    let index = sealer
        .blind_index(TENANT, "phone", "13800000001")
        .expect("index");
    assert_eq!(
        sealer.blind_index(TENANT, "phone", "13800000001"),
        Ok(index)
    );
    assert_ne!(
        sealer.blind_index(TENANT, "phone", "13800000002"),
        Ok(index)
    );
    assert_ne!(
        sealer.blind_index(TENANT, "id_number", "13800000001"),
        Ok(index)
    );
    assert_ne!(sealer.blind_index(OTHER, "phone", "13800000001"), Ok(index));
}
