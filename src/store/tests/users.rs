//! Users and their tokens.

use rstest::rstest;

use super::*;

#[rstest]
#[tokio::test]
async fn names_are_unique_exactly_and_addresses_without_regard_to_case(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_database, store) = temporary(engine).await;
    user(&store, "ann").await;
    let create = async |username: &str, email: &str| {
        let user = NewUser {
            username,
            email,
            password_hash: "phc",
        };
        store
            .create_user(user, NOW)
            .await
            .map(drop)
            .map_err(|error| error.to_string())
    };
    assert_eq!(
        create("ann", "new@example.org").await,
        Err("the user name is taken".to_owned())
    );
    assert_eq!(
        create("bob", "ANN@Example.org").await,
        Err("the email address is taken".to_owned())
    );
    assert_eq!(create("Ann", "ann2@example.org").await, Ok(()));
}

#[rstest]
#[tokio::test]
async fn one_of_many_simultaneous_registrations_of_a_name_succeeds(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_database, store) = temporary(engine).await;
    let create = async |i: u32| {
        let email = format!("{i}@example.org");
        store
            .create_user(
                NewUser {
                    username: "ann",
                    email: &email,
                    password_hash: "phc",
                },
                NOW,
            )
            .await
    };
    let results = futures_util::future::join_all((0..8).map(create)).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(
        results
            .iter()
            .filter(|result| matches!(result, Err(StoreError::UsernameTaken)))
            .count(),
        7
    );
}

#[rstest]
#[tokio::test]
async fn a_token_names_its_user_until_it_is_revoked(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_database, store) = temporary(engine).await;
    user(&store, "ann").await;
    let ann = store.user_by_name("ann").await.unwrap().unwrap();
    assert!(store.add_token(&ann, "first", NOW).await.unwrap());
    assert!(store.add_token(&ann, "second", NOW).await.unwrap());
    store.revoke_token("first").await.unwrap();
    assert_eq!(store.user_by_token("first", NOW).await.unwrap(), None);
    assert_eq!(
        store
            .user_by_token("second", NOW)
            .await
            .unwrap()
            .unwrap()
            .username,
        "ann"
    );
}

#[rstest]
#[tokio::test]
async fn a_new_password_revokes_all_tokens_but_one_and_refuses_new_ones_for_the_old_password(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_database, store) = temporary(engine).await;
    user(&store, "ann").await;
    let ann = store.user_by_name("ann").await.unwrap().unwrap();
    for token in ["kept", "other"] {
        assert!(store.add_token(&ann, token, NOW).await.unwrap());
    }
    assert!(store.change_password(&ann, "new", "kept").await.unwrap());
    assert_eq!(store.user_by_token("other", NOW).await.unwrap(), None);
    assert_eq!(
        store
            .user_by_token("kept", NOW)
            .await
            .unwrap()
            .unwrap()
            .password_hash,
        "new"
    );
    assert!(!store.add_token(&ann, "late", NOW).await.unwrap());
    assert!(!store.change_password(&ann, "newer", "kept").await.unwrap());
}

#[rstest]
#[tokio::test]
async fn the_local_user_is_one_and_cannot_be_found_by_name_or_token(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_database, store) = temporary(engine).await;
    let local = store.local_user(NOW).await.unwrap();
    assert_eq!(store.local_user(NOW).await.unwrap(), local);
    store.add_token(&local, "stolen", NOW).await.unwrap();
    assert_eq!(store.user_by_name(&local.username).await.unwrap(), None);
    assert_eq!(store.user_by_token("stolen", NOW).await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn a_name_that_no_database_can_store_finds_no_user(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_database, store) = temporary(engine).await;
    assert_eq!(store.user_by_name("ann\0").await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn a_token_expires(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let (_database, store) = temporary(engine).await;
    user(&store, "ann").await;
    let ann = store.user_by_name("ann").await.unwrap().unwrap();
    assert!(store.add_token(&ann, "old", NOW).await.unwrap());
    assert!(store.add_token(&ann, "new", hours(2)).await.unwrap());
    assert_eq!(store.user_by_token("old", hours(1)).await.unwrap(), None);
    assert!(
        store
            .user_by_token("new", hours(1))
            .await
            .unwrap()
            .is_some()
    );
    store.delete_tokens_before(hours(1)).await.unwrap();
    assert_eq!(store.user_by_token("old", NOW).await.unwrap(), None);
    assert!(store.user_by_token("new", NOW).await.unwrap().is_some());
}

#[rstest]
#[tokio::test]
async fn an_administrator_lists_all_users_and_changes_one(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_database, store) = temporary(engine).await;
    for name in ["bob", "ann"] {
        user(&store, name).await;
    }
    store.local_user(NOW).await.unwrap();
    let ann = store.user_by_name("ann").await.unwrap().unwrap();
    store.set_daily_limit(&ann.id, Some(40)).await.unwrap();
    store.set_active(&ann.id, false).await.unwrap();
    let seen = |users: Vec<User>| {
        users
            .into_iter()
            .map(|user| (user.username, user.daily_limit, user.active))
    };
    let all: Vec<_> = seen(store.users().await.unwrap()).collect();
    assert_eq!(
        all,
        [
            ("ann".to_owned(), Some(40), false),
            ("bob".to_owned(), None, true)
        ]
    );
    store.set_daily_limit(&ann.id, None).await.unwrap();
    store.set_active(&ann.id, true).await.unwrap();
    assert_eq!(
        seen(store.users().await.unwrap()).next(),
        Some(("ann".to_owned(), None, true))
    );
}

#[tokio::test]
async fn the_data_of_a_deleted_account_is_erased_from_the_file() {
    let (folder, store) = file().await;
    let ann = user(&store, "ann").await;
    let words = "an answer that nobody else has given";
    store
        .save_speech(&ann, "name.wav", "audio/wav", words.as_bytes(), NOW)
        .await
        .unwrap();
    store.delete_user(&ann).await.unwrap();
    store.pool.close().await;
    let bytes = std::fs::read(folder.path().join("test.db")).unwrap();
    let holds = |text: &str| {
        bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    assert!(!holds(words) && !holds("ann@example.org"));
}

#[rstest]
#[tokio::test]
async fn a_name_that_looks_like_another_is_taken_also_at_the_same_time(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_database, store) = temporary(engine).await;
    let create = async |username: &str| {
        let email = format!("{}@example.org", hex::encode(username));
        let user = NewUser {
            username,
            email: &email,
            password_hash: "phc",
        };
        store.create_user(user, NOW).await
    };
    let alike = ["paypal", "paypa1", "\u{440}\u{430}ypal"];
    let created = futures_util::future::join_all(alike.map(&create)).await;
    let taken =
        |result: &Result<UserId, StoreError>| matches!(result, Err(StoreError::UsernameLooksTaken));
    assert_eq!(created.iter().filter(|result| taken(result)).count(), 2);
    create("paypal2").await.unwrap();
    assert_eq!(store.users().await.unwrap().len(), 2);
}

#[rstest]
#[tokio::test]
async fn users_of_an_earlier_version_stay_and_their_names_are_compared_with_new_ones(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (database, store) = temporary(engine).await;
    user(&store, "paypal").await;
    user(&store, "-x").await;
    sqlx::raw_sql(
        "UPDATE users SET username_skeleton = NULL; \
         INSERT INTO users (id, username, email, email_folded, password_hash, active, created_at) \
         VALUES ('later', 'paypa1', 'l@example.org', 'l@example.org', 'phc', 1, 9)",
    )
    .execute(&store.pool)
    .await
    .unwrap();
    // The second start finds the name that looks like an earlier one again.
    for _ in 0..2 {
        let store = database.open().await;
        for name in ["paypal", "paypa1", "-x"] {
            assert!(store.user_by_name(name).await.unwrap().is_some());
        }
        let looks = store.check_available("paypaI", "new@example.org").await;
        assert!(matches!(looks, Err(StoreError::UsernameLooksTaken)));
    }
}
